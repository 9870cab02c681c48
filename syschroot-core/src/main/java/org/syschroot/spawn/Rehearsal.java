// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.syschroot.caller.Signals;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.ChildSettings;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.ProcessCalls;
import org.syschroot.kernel.ResourceLimit;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.KernelStep.ChangeDirectory;
import org.syschroot.plan.KernelStep.ChangeDirectory.Choice;
import org.syschroot.plan.KernelStep.ChangeDirectory.WhenDenied;
import org.syschroot.plan.KernelStep.Execute;
import org.syschroot.plan.Limit;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;

/**
 * Loads every class that {@link SwitchThread} can need past the change of root, failures included,
 * by going through each step with a kernel that refuses everything, and through the real kernel's
 * calls in ways that cannot succeed. A list of names would be forgotten at the next change.
 */
final class Rehearsal {
  private static final OsString NOWHERE = OsString.of("/proc/self/syschroot-rehearsal");
  private static final List<Errno> REFUSALS =
      List.of(Errno.EPERM, Errno.EINVAL, Errno.ENOENT, Errno.EACCES, Errno.ENOEXEC, Errno.ENOSYS);

  private Rehearsal() {}

  /** Rehearses, unless that has been done in this JVM. */
  static void ensure() {
    var unused = Holder.DONE; // its class is initialized once, by whoever comes first
  }

  private static final class Holder {
    static final Object DONE = run();
  }

  /** A system call. */
  private interface Call {
    void make() throws KernelException;
  }

  private static Object run() {
    for (Errno errno : REFUSALS) {
      Kernel kernel = refusing(errno, "");
      rehearse(performer(kernel, ChildWishes.NONE));
      rehearse(performer(refusing(errno, "chdir"), ChildWishes.NONE));
      rehearse(performer(kernel, ChildWishes.NONE.withOwnPidNamespace(true)));
    }
    real(LinuxKernel.running());
    real(LinuxProcessCalls.running());
    return REFUSALS;
  }

  private static void rehearse(SpawnPerformer performer) {
    for (KernelStep step : steps()) {
      try {
        step.accept(performer);
      } catch (SwitchException intended) {
        var unused = intended.getMessage(); // the classes that make it
      }
    }
  }

  /** Returns a kernel that refuses all calls but one, which returns nothing. */
  private static Kernel refusing(Errno errno, String accepted) {
    return (Kernel)
        Proxy.newProxyInstance(
            Rehearsal.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals(accepted)) {
                return null;
              }
              throw new KernelException(method.getName(), "rehearsal", errno.number());
            });
  }

  private static SpawnPerformer performer(Kernel kernel, ChildWishes wishes) {
    Image image = Image.builder(new ImageName("rehearsal"), HostPath.ROOT).build();
    SwitchPlan plan = new SwitchPlan(image, steps(), List.of(), List.of(), List.of());
    return new SpawnPerformer(
        plan,
        kernel,
        LinuxProcessCalls.running(),
        (root, mount) -> {},
        SwitchListener.SILENT,
        wishes,
        Map.of(),
        List.of());
  }

  private static List<KernelStep> steps() {
    List<Choice> choices =
        List.of(
            new Choice(NOWHERE, Optional.empty()), new Choice(NOWHERE, Optional.of("rehearsal")));
    return List.of(
        new KernelStep.OpenWorkingDirectory(),
        new KernelStep.EnterRoot(HostPath.ROOT),
        new ChangeDirectory(choices, WhenDenied.TRY_AGAIN_LATER),
        new KernelStep.SetPersonality(Personality.of(List.of("linux32"))),
        new KernelStep.SetLimit(Limit.OPEN_FILES, 1, false),
        new KernelStep.DropCapabilities(Set.of(Capability.SYS_MODULE)),
        new KernelStep.SetIdentity(new Identity(0, 0, List.of(0))),
        new ChangeDirectory(choices, WhenDenied.ONLY_IF_DENIED_BEFORE),
        new KernelStep.CompareWorkingDirectory(false),
        new KernelStep.CompareWorkingDirectory(true),
        new KernelStep.NoNewPrivileges(),
        new KernelStep.KeepDescriptors(Set.of(0, 1, 2)),
        new KernelStep.RestoreSignals(Signals.NONE),
        new Execute(List.of(candidate()), List.of()),
        new Execute(List.of(candidate(), candidate()), List.of()));
  }

  private static Execute.Candidate candidate() {
    return new Execute.Candidate(NOWHERE, List.of(NOWHERE));
  }

  /** None of these calls changes anything: wrong descriptors, missing files, unknown flags. */
  private static void real(Kernel kernel) {
    failing(() -> kernel.unshare(1));
    failing(() -> kernel.fchdir(-1));
    failing(() -> kernel.fstat(-1));
    failing(() -> kernel.access(-1, OpenFlags.W_OK));
    failing(() -> kernel.chroot(NOWHERE));
    failing(() -> kernel.chdir(NOWHERE));
    failing(() -> kernel.personality(0xffffffffL));
    failing(() -> kernel.dropCapability(-1));
    failing(() -> kernel.getrlimit(ResourceLimit.NOFILE));
    failing(() -> kernel.close(-1));
    failing(() -> kernel.read(-1, 1));
    failing(() -> kernel.openat(Kernel.AT_FDCWD, NOWHERE, 0, 0));
    failing(() -> kernel.spawn(NOWHERE, List.of(NOWHERE), List.of(NOWHERE), Map.of(0, 0), 0, 0));
  }

  /** The child has no descriptor of that number, and so never comes to the next setting. */
  private static void real(ProcessCalls calls) {
    ChildSettings impossible =
        new ChildSettings(
            Map.of(0, 0, 2, 0),
            0,
            1,
            Map.of(ResourceLimit.NOFILE, new ResourceLimit(1, 1)),
            List.of(Integer.MAX_VALUE),
            OptionalInt.of(0),
            true);
    failing(() -> calls.spawn(NOWHERE, List.of(NOWHERE), List.of(NOWHERE), impossible));
    ChildSettings limited =
        new ChildSettings(
            Map.of(0, 0), 0, 0, impossible.limits(), List.of(), OptionalInt.empty(), false);
    failing(() -> calls.spawn(NOWHERE, List.of(NOWHERE), List.of(NOWHERE), limited));
  }

  private static void failing(Call call) {
    try {
      call.make();
    } catch (KernelException intended) {
      intended.reason();
    }
  }
}
