// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.CloneFlags;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounting.Mounter;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.path.UntrustedException;
import org.syschroot.perform.CallersDirectory.Likeness;
import org.syschroot.plan.Identity;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.KernelStep.ChangeDirectory;
import org.syschroot.plan.KernelStep.ChangeDirectory.Choice;
import org.syschroot.plan.KernelStep.ChangeDirectory.WhenDenied;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchException.Kind;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.trust.TrustedPath;

/**
 * Takes the steps of a plan by system calls that act on the calling thread alone. What differs
 * between replacing this process and making a child is left to subclasses: signals, descriptors,
 * and the command itself.
 *
 * <p><b>Hazard.</b> After a failure past the change of root the thread is in the image for good.
 * Not thread-safe; for one plan and one thread.
 */
@SuppressWarnings("NullAway") // a Void is null
public abstract class StepPerformer implements KernelStep.Visitor<Void, SwitchException> {
  private static final OsString ROOT = OsString.of("/");
  private static final OsString HERE = OsString.of(".");

  private final SwitchPlan plan;
  private final Kernel kernel;
  private final Mounter mounter;
  private final SwitchListener listener;
  private final TrustedPath trust;
  private final CallersDirectory callersDirectory;

  private int rootDescriptor = -1;
  private boolean directoryDenied;
  private @Nullable OsString sharedDirectory;

  /**
   * Creates the performer of a plan.
   *
   * @param effectiveUid the effective user of this process, besides root the one whose files are
   *     trusted
   */
  protected StepPerformer(
      SwitchPlan plan, Kernel kernel, Mounter mounter, SwitchListener listener, int effectiveUid) {
    this.plan = plan;
    this.kernel = kernel;
    this.mounter = mounter;
    this.listener = listener;
    this.callersDirectory = new CallersDirectory(kernel);
    this.trust = plan.image().trust(kernel, effectiveUid);
  }

  /**
   * Takes all steps.
   *
   * @throws SwitchException if a step fails; none of those after it was taken
   */
  public final void perform() throws SwitchException {
    for (KernelStep step : plan.steps()) {
      listener.beforeStep(step);
      step.accept(this);
    }
  }

  /** Returns the plan. */
  protected final SwitchPlan plan() {
    return plan;
  }

  /** Returns the kernel that the calls are made on. */
  protected final Kernel kernel() {
    return kernel;
  }

  /**
   * Closes what the steps have opened, for a process that is not replaced.
   *
   * @throws KernelException if that fails
   */
  public final void close() throws KernelException {
    if (rootDescriptor >= 0) {
      kernel.close(rootDescriptor);
      rootDescriptor = -1;
    }
    callersDirectory.close();
  }

  /** Returns the failure of a step, for people to read. */
  protected final SwitchException failed(KernelStep step, String what, KernelException cause) {
    KernelException shown = cause.is(Errno.EPERM) ? cause.withHint(Hints.NEEDS_ROOT) : cause;
    return new SwitchException(image(), Kind.FAILED, step, what + ": " + shown.getMessage(), shown);
  }

  /** Returns the name of the image. */
  protected final ImageName image() {
    return plan.image().name();
  }

  /** A process with several threads gets EINVAL: unshare(2). So whoever has a JVM compiles it. */
  @Override
  public @Nullable Void enterUserNamespace(KernelStep.EnterUserNamespace step)
      throws SwitchException {
    throw SwitchException.withHint(
        image(),
        step,
        "cannot create a user namespace: this process has several threads",
        Hints.NEEDS_ROOT,
        null);
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
      // mount(2) changes the propagation of mount points only, and the root of a chroot is often
      // none.
      KernelException shown = e.is(Errno.EINVAL) ? e.withHint(Hints.ROOT_IS_NO_MOUNT_POINT) : e;
      throw failed(step, "cannot create a private mount namespace", shown);
    }
  }

  @Override
  public @Nullable Void openWorkingDirectory(KernelStep.OpenWorkingDirectory step)
      throws SwitchException {
    try {
      callersDirectory.open();
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot open the working directory", e);
    }
  }

  @Override
  public @Nullable Void mountImageFile(KernelStep.MountImageFile step) throws SwitchException {
    try {
      mounter.mountImageFile(step.file(), step.root());
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot mount " + step.file(), e);
    } catch (IOException e) {
      String message = "cannot mount " + step.file() + ": " + e.getMessage();
      throw new SwitchException(image(), Kind.FAILED, step, message, e);
    }
  }

  @Override
  public @Nullable Void openRoot(KernelStep.OpenRoot step) throws SwitchException {
    try {
      rootDescriptor = trust.open(step.root());
      MountPlaces.check(plan, mounter, rootDescriptor);
      return null;
    } catch (UntrustedException e) {
      throw new SwitchException(image(), "unsafe root directory: " + e.getMessage());
    } catch (KernelException e) {
      throw failed(step, "cannot open the root directory " + step.root(), e);
    }
  }

  @Override
  public @Nullable Void mountRoot(KernelStep.MountRoot step) throws SwitchException {
    try {
      int tree = rootDescriptor;
      rootDescriptor = mounter.mountRoot(tree, step.layers());
      if (rootDescriptor != tree) {
        kernel.close(tree);
      }
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot mount the image's root", e);
    } catch (IOException e) {
      String message = "cannot mount the image's root: " + e.getMessage();
      throw new SwitchException(image(), Kind.FAILED, step, message, e);
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
  public @Nullable Void unmount(KernelStep.Unmount step) throws SwitchException {
    try {
      while (isUnmounted(step.target())) {
        // One mount may lie on another.
      }
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot unmount " + step.target() + " in the image", e);
    }
  }

  private boolean isUnmounted(ImagePath target) throws KernelException {
    int descriptor;
    try {
      descriptor =
          kernel.openat2(
              rootDescriptor,
              target.value(),
              OpenFlags.O_PATH,
              0,
              OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
    try {
      // By descriptor, so that no symbolic link of the image leads to a mount of the host.
      kernel.umount2(OsString.of("/proc/self/fd/" + descriptor), MountFlags.MNT_DETACH);
      return true;
    } catch (KernelException e) {
      if (e.is(Errno.EINVAL)) {
        return false; // no mount point
      }
      throw e;
    } finally {
      kernel.close(descriptor);
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
      entered(choice, firstFailure);
      return null;
    }
    KernelException failure = Objects.requireNonNull(firstFailure, "a step has choices");
    OsString wanted = step.choices().get(0).directory();
    throw SwitchException.withHint(
        image(),
        step,
        "cannot enter " + wanted + " in the image: " + text(failure),
        Hints.forDirectory(plan.image(), wanted, failure),
        failure);
  }

  private void entered(Choice choice, @Nullable KernelException firstFailure) {
    if (choice.reason().isPresent()) {
      String cause = firstFailure == null ? "" : ": " + text(firstFailure);
      listener.directoryReplaced(image(), choice.reason().get() + cause, choice.directory());
    } else {
      sharedDirectory = choice.directory();
    }
  }

  private static String text(KernelException failure) {
    return failure.errno().isPresent() ? failure.errno().get().text() : failure.reason();
  }

  @Override
  public @Nullable Void compareWorkingDirectory(KernelStep.CompareWorkingDirectory step)
      throws SwitchException {
    if (sharedDirectory == null) {
      return null; // replaced, which was told
    }
    if (sharedDirectory.equals(ROOT)) {
      return null; // another one in every image, as the caller wants it
    }
    Likeness likeness;
    try {
      likeness = callersDirectory.likenessOfCurrent();
    } catch (KernelException e) {
      throw failed(step, "cannot read " + sharedDirectory + " in the image", e);
    }
    if (step.mustBeSame() && likeness != Likeness.SAME) {
      String fact =
          likeness == Likeness.UNKNOWN
              ? "cannot compare " + sharedDirectory + " in the image with the one of the host"
              : sharedDirectory + " in the image is not " + sharedDirectory + " of the host";
      String hint = Hints.toMount(plan.image(), sharedDirectory);
      throw SwitchException.withHint(image(), step, fact, hint, null);
    }
    if (likeness == Likeness.OTHER_TO_WRITE) {
      listener.otherDirectory(image(), sharedDirectory);
    }
    return null;
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
}
