// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.exec;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.CloneFlags;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.ResourceLimit;
import org.syschroot.mount.Mounter;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.KernelStep.ChangeDirectory;
import org.syschroot.plan.KernelStep.ChangeDirectory.Choice;
import org.syschroot.plan.KernelStep.ChangeDirectory.WhenDenied;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchException.Kind;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.trust.TrustedPath;
import org.syschroot.trust.UntrustedException;

/**
 * Carries out a plan on this very process: same pid, parent, process group, session and terminal.
 *
 * <p><b>Hazard.</b> The steps act on the calling thread, and until execve(2) the rest of the JVM
 * does not follow: shutdown hooks do not run, buffers are not flushed. After a failure past the
 * change of root the thread is in the image for good, so a caller can only report and exit. Not
 * thread-safe; for one plan.
 */
public final class InPlaceSwitch implements KernelStep.Visitor<Void, SwitchException> {
  private static final OsString ROOT = OsString.of("/");
  private static final OsString HERE = OsString.of(".");

  private final SwitchPlan plan;
  private final Kernel kernel;
  private final Mounter mounter;
  private final SwitchListener listener;
  private final TrustedPath trust;

  private int rootDescriptor = -1;
  private boolean directoryDenied;

  /**
   * Creates the switch of a plan.
   *
   * @param effectiveUid the effective user of this process, besides root the one whose files are
   *     trusted
   */
  public InPlaceSwitch(
      SwitchPlan plan, Kernel kernel, Mounter mounter, SwitchListener listener, int effectiveUid) {
    this.plan = plan;
    this.kernel = kernel;
    this.mounter = mounter;
    this.listener = listener;
    this.trust = TrustedPath.forUser(kernel, effectiveUid);
  }

  /**
   * Takes all steps. Returns only by an exception.
   *
   * @throws SwitchException if a step fails
   */
  public void run() throws SwitchException {
    for (KernelStep step : plan.steps()) {
      listener.beforeStep(step);
      step.accept(this);
    }
  }

  private SwitchException failed(KernelStep step, String what, KernelException cause) {
    KernelException shown = cause.is(Errno.EPERM) ? cause.withHint(Hints.NEEDS_ROOT) : cause;
    return new SwitchException(image(), Kind.FAILED, step, what + ": " + shown.getMessage(), shown);
  }

  private ImageName image() {
    return plan.image().name();
  }

  @Override
  public @Nullable Void enterMountNamespace(KernelStep.EnterMountNamespace step)
      throws SwitchException {
    try {
      kernel.unshare(CloneFlags.CLONE_NEWNS);
      // Slave, so that nothing mounted here reaches the native system, but its mounts reach us.
      kernel.mount(null, ROOT, null, MountFlags.MS_REC | MountFlags.MS_SLAVE, null);
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot enter a mount namespace of its own", e);
    }
  }

  @Override
  public @Nullable Void openRoot(KernelStep.OpenRoot step) throws SwitchException {
    try {
      rootDescriptor = trust.open(step.root());
      return null;
    } catch (UntrustedException e) {
      throw new SwitchException(image(), "the image's root is not safe: " + e.getMessage());
    } catch (KernelException e) {
      throw failed(step, "cannot open the image's root " + step.root(), e);
    }
  }

  @Override
  public @Nullable Void mount(KernelStep.Mount step) throws SwitchException {
    try {
      mounter.mount(rootDescriptor, step.mount());
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot mount " + step.mount().step(), e);
    } catch (IOException e) {
      String message = "cannot mount " + step.mount().step() + ": " + e.getMessage();
      throw new SwitchException(image(), Kind.FAILED, step, message, e);
    }
  }

  @Override
  public @Nullable Void enterRoot(KernelStep.EnterRoot step) throws SwitchException {
    try {
      kernel.fchdir(rootDescriptor);
      kernel.chroot(HERE);
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot change root to " + step.root(), e);
    }
  }

  @Override
  public @Nullable Void changeDirectory(ChangeDirectory step) throws SwitchException {
    if (step.whenDenied() == WhenDenied.ONLY_IF_DENIED_BEFORE && !directoryDenied) {
      return null;
    }
    KernelException firstFailure = null;
    for (Choice choice : step.choices()) {
      try {
        kernel.chdir(choice.directory());
      } catch (KernelException e) {
        if (e.is(Errno.EACCES) && step.whenDenied() == WhenDenied.TRY_AGAIN_LATER) {
          directoryDenied = true;
          return null;
        }
        firstFailure = firstFailure == null ? e : firstFailure;
        continue;
      }
      if (choice.reason().isPresent()) {
        String errno = firstFailure == null ? "" : ": " + firstFailure.reason();
        listener.directoryReplaced(image(), choice.reason().get() + errno, choice.directory());
      }
      return null;
    }
    KernelException failure = firstFailure.withHint(Hints.forMissingDirectory(plan.image()));
    throw new SwitchException(
        image(),
        Kind.FAILED,
        step,
        "cannot change to the directory "
            + step.choices().get(0).directory()
            + " in the image: "
            + failure.getMessage(),
        failure);
  }

  @Override
  public @Nullable Void setPersonality(KernelStep.SetPersonality step) throws SwitchException {
    try {
      kernel.personality(step.personality().bits());
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot set the personality " + step.personality(), e);
    }
  }

  @Override
  public @Nullable Void limitOpenFiles(KernelStep.LimitOpenFiles step) throws SwitchException {
    try {
      ResourceLimit now = kernel.getrlimit(ResourceLimit.NOFILE);
      long soft = Long.compareUnsigned(step.soft(), now.hard()) > 0 ? now.hard() : step.soft();
      kernel.setrlimit(ResourceLimit.NOFILE, new ResourceLimit(soft, now.hard()));
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot limit open files to " + step.soft(), e);
    }
  }

  @Override
  public @Nullable Void dropCapabilities(KernelStep.DropCapabilities step) throws SwitchException {
    for (Capability capability : step.capabilities()) {
      try {
        kernel.dropCapability(capability.number());
      } catch (KernelException e) {
        if (!e.is(Errno.EINVAL)) { // EINVAL: this kernel is older than the capability
          throw failed(step, "cannot drop the capability " + capability, e);
        }
      }
    }
    return null;
  }

  @Override
  public @Nullable Void setIdentity(KernelStep.SetIdentity step) throws SwitchException {
    Identity identity = step.identity();
    try {
      kernel.setgroups(identity.groups());
      kernel.setresgid(identity.gid());
      kernel.setresuid(identity.uid());
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot become " + identity, e);
    }
  }

  @Override
  public @Nullable Void noNewPrivileges(KernelStep.NoNewPrivileges step) throws SwitchException {
    try {
      kernel.setNoNewPrivileges();
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot set no_new_privs", e);
    }
  }

  @Override
  public @Nullable Void keepDescriptors(KernelStep.KeepDescriptors step) throws SwitchException {
    try {
      for (int descriptor : kernel.openDescriptors()) {
        if (!step.descriptors().contains(descriptor)) {
          closeOnExec(descriptor);
        }
      }
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot keep our descriptors from the command", e);
    }
  }

  private void closeOnExec(int descriptor) throws KernelException {
    try {
      kernel.setCloseOnExec(descriptor, true);
    } catch (KernelException e) {
      if (!e.is(Errno.EBADF)) { // EBADF: the descriptor of the listing itself, gone by now
        throw e;
      }
    }
  }

  @Override
  public @Nullable Void restoreSignals(KernelStep.RestoreSignals step) throws SwitchException {
    try {
      for (int signal : step.signals().ignoredNumbers()) {
        kernel.ignoreSignal(signal);
      }
      kernel.setSignalMask(step.signals().blocked());
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot restore the signals", e);
    }
  }

  @Override
  public @Nullable Void execute(KernelStep.Execute step) throws SwitchException {
    throw new ProgramStart(image(), kernel, step).run();
  }
}
