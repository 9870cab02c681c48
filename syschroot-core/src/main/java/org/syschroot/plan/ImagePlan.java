// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.caller.Caller;
import org.syschroot.caller.Environment;
import org.syschroot.image.Image;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;

/**
 * What a switch will do, whoever asks for it. Every way to run it comes from here: {@link #bind}
 * makes the plan of one caller, which this process or a child carries out; a launcher and a script
 * translate the steps, the symbolic ones included. Immutable.
 *
 * @param image the image to be entered
 * @param steps the steps in order, the last of which is {@link SymbolicStep.RunProgram}
 * @param mounts the mounts that the image is to have on this host
 * @param skippedMounts mounts that are left out, and why
 * @param missingMounts mounts that are not up although the command is to run without its own
 * @param replacedMounts stale mounts over which the command has the planned ones
 */
public record ImagePlan(
    Image image,
    List<PlanStep> steps,
    List<MountSelection.Mount> mounts,
    List<MountSelection.Skipped> skippedMounts,
    List<MountSelection.Mount> missingMounts,
    List<MountStatus> replacedMounts) {
  /** Copies the lists. */
  public ImagePlan {
    steps = List.copyOf(steps);
    mounts = List.copyOf(mounts);
    skippedMounts = List.copyOf(skippedMounts);
    missingMounts = List.copyOf(missingMounts);
    replacedMounts = List.copyOf(replacedMounts);
  }

  /** Returns the program that is run. */
  public SymbolicStep.RunProgram program() {
    return (SymbolicStep.RunProgram) steps.get(steps.size() - 1);
  }

  /**
   * Resolves every symbol.
   *
   * @throws SwitchException if the request cannot be carried out for this caller
   */
  public SwitchPlan bind(Caller caller) throws SwitchException {
    Environment environment = program().environment().of(caller.environment());
    Binding binding = new Binding(image, caller, environment);
    List<KernelStep> bound = new ArrayList<>();
    for (PlanStep step : steps) {
      Optional<KernelStep> resolved = step.bind(binding);
      if (resolved.isPresent()) {
        bound.add(resolved.get());
      }
    }
    return new SwitchPlan(image, bound, skippedMounts, missingMounts, replacedMounts);
  }

  /**
   * Returns whether chroot(2) by somebody else, who keeps all that the caller has, does the same:
   * but for what tells of the image in the environment, and the line about another directory.
   */
  public boolean isBareChroot() {
    for (PlanStep step : steps) {
      if (!step.translate(BareChroot.TEST)) {
        return false;
      }
    }
    return true;
  }
}
