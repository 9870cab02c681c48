// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.mounting.Mounter;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.UntrustedException;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchException.Kind;
import org.syschroot.plan.SwitchPlan;

/**
 * The places in an image that a plan mounts on, made before by the caller: a program that enters a
 * user namespace mounts, but makes no files. Stateless.
 */
public final class MountPlaces {
  private MountPlaces() {}

  /**
   * Makes those that are missing, but for places within another mount of the plan, which is not
   * there yet.
   *
   * @param effectiveUid the user of this process
   * @throws SwitchException if one cannot be made
   */
  public static void make(SwitchPlan plan, Kernel kernel, Mounter mounter, int effectiveUid)
      throws SwitchException {
    List<KernelStep.Mount> mounts = outermost(plan);
    if (mounts.isEmpty()) {
      return;
    }
    HostPath root = plan.image().root();
    try {
      int image = plan.image().trust(kernel, effectiveUid).open(root);
      try {
        check(plan, mounter, image);
        for (KernelStep.Mount mount : mounts) {
          make(plan, mounter, image, mount);
        }
      } finally {
        kernel.close(image);
      }
    } catch (UntrustedException e) {
      throw new SwitchException(plan.image().name(), "unsafe root directory: " + e.getMessage());
    } catch (KernelException e) {
      throw new SwitchException(
          plan.image().name(), "cannot open the root directory " + root + ": " + e.getMessage());
    }
  }

  /**
   * Checks all places that are not within another mount of the plan, before the first is mounted
   * on.
   *
   * @param image a descriptor of the image's root directory
   * @throws SwitchException if one cannot be mounted on
   */
  static void check(SwitchPlan plan, Mounter mounter, int image) throws SwitchException {
    for (KernelStep.Mount mount : outermost(plan)) {
      try {
        mounter.checkMountPoint(image, mount.mount());
      } catch (IOException e) {
        throw new SwitchException(
            plan.image().name(),
            Kind.FAILED,
            mount,
            "cannot mount " + mount.mount().step() + ": " + e.getMessage(),
            e);
      }
    }
  }

  private static List<KernelStep.Mount> outermost(SwitchPlan plan) {
    List<KernelStep.Mount> outermost = new ArrayList<>();
    for (KernelStep step : plan.steps()) {
      if (step instanceof KernelStep.MountRoot root && root.layers().isOverlay()) {
        return List.of(); // it has those that are missing, and the tree all others
      }
      if (step instanceof KernelStep.Mount mount) {
        if (!isBeneath(mount, outermost)) {
          outermost.add(mount);
        }
      }
    }
    return outermost;
  }

  private static boolean isBeneath(KernelStep.Mount mount, List<KernelStep.Mount> others) {
    for (KernelStep.Mount one : others) {
      if (mount.mount().step().target().startsWith(one.mount().step().target())) {
        return true;
      }
    }
    return false;
  }

  private static void make(SwitchPlan plan, Mounter mounter, int image, KernelStep.Mount step)
      throws SwitchException {
    ImagePath target = step.mount().step().target();
    String fact = "cannot mount on " + target + ", which the image does not have";
    try {
      mounter.makeMountPoint(image, step.mount());
    } catch (KernelException e) {
      if (e.is(Errno.EACCES) || e.is(Errno.EPERM) || e.is(Errno.EROFS)) {
        String make = step.mount().ofDirectory() ? "mkdir -p " : "touch ";
        throw SwitchException.withHint(
            plan.image().name(),
            step,
            fact + ": " + e.errno().map(Errno::text).orElse(e.reason()),
            "the owner of the image can create it: " + make + target.under(plan.image().root()),
            e);
      }
      throw new SwitchException(
          plan.image().name(), Kind.FAILED, step, fact + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new SwitchException(
          plan.image().name(), Kind.FAILED, step, fact + ": " + e.getMessage(), e);
    }
  }
}
