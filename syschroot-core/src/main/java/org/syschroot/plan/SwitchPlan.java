// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.util.List;
import org.syschroot.image.Image;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;

/**
 * Exactly what a switch will do, in order. Immutable.
 *
 * @param image the image to be entered
 * @param steps the steps, the last of which is {@link KernelStep.Execute}
 * @param skippedMounts mounts that are left out, and why
 * @param missingMounts mounts that are not up although the command is to run without its own
 * @param replacedMounts stale mounts over which the command has the planned ones
 */
public record SwitchPlan(
    Image image,
    List<KernelStep> steps,
    List<MountSelection.Skipped> skippedMounts,
    List<MountSelection.Mount> missingMounts,
    List<MountStatus> replacedMounts) {
  /** Copies the lists. */
  public SwitchPlan {
    steps = List.copyOf(steps);
    skippedMounts = List.copyOf(skippedMounts);
    missingMounts = List.copyOf(missingMounts);
    replacedMounts = List.copyOf(replacedMounts);
  }

  /**
   * Returns whether a process of several threads, such as a JVM, cannot carry it out by itself,
   * because of the user namespace: unshare(2).
   */
  public boolean needsProcessOfOneThread() {
    for (KernelStep step : steps) {
      if (step instanceof KernelStep.EnterUserNamespace) {
        return true;
      }
    }
    return false;
  }
}
