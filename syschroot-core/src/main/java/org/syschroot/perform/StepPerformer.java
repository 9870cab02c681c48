// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.CloneFlags;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MountFlags;
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
 * Takes the steps of a plan by system calls that act on the calling thread alone. What differs
 * between replacing this process and making a child is left to subclasses: signals, descriptors,
 * and the command itself.
 *
 * <p><b>Hazard.</b> After a failure past the change of root the thread is in the image for good.
 * Not thread-safe; for one plan and one thread.
 */
public abstract class StepPerformer implements KernelStep.Visitor<Void, SwitchException> {
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
    this.trust = TrustedPath.forUser(kernel, effectiveUid);
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

  /** Returns the descriptor of the image's root directory, or -1 before it was opened. */
  public final int rootDescriptor() {
    return rootDescriptor;
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
      throw failed(step, "cannot enter a mount namespace of its own", shown);
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
