// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.describe;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchPlan;

/**
 * A plan in words. Immutable.
 *
 * <p>The mounts are maps like the details of a step of the name {@code mount}; those left out have
 * a {@code reason} besides.
 *
 * @param image the name of the image
 * @param root its root directory, a string, or if it is not UTF-8 a map with its {@code bytes}
 * @param steps the steps in order
 * @param skippedMounts mounts that are left out
 * @param missingMounts mounts that are not up although the command is to run without its own
 */
public record PlanDescription(
    String image,
    Object root,
    List<StepDescription> steps,
    List<Map<String, Object>> skippedMounts,
    List<Map<String, Object>> missingMounts) {
  /** Copies the lists. */
  public PlanDescription {
    steps = List.copyOf(steps);
    skippedMounts = List.copyOf(skippedMounts);
    missingMounts = List.copyOf(missingMounts);
  }

  /** Returns the description of a plan. */
  public static PlanDescription of(SwitchPlan plan) {
    List<StepDescription> steps = new ArrayList<>();
    for (KernelStep step : plan.steps()) {
      steps.add(StepDescription.of(step));
    }
    List<Map<String, Object>> skipped = new ArrayList<>();
    for (MountSelection.Skipped mount : plan.skippedMounts()) {
      Map<String, Object> details = MountWords.details(mount.step());
      details.put("reason", mount.reason());
      skipped.add(Collections.unmodifiableMap(details));
    }
    List<Map<String, Object>> missing = new ArrayList<>();
    for (MountSelection.Mount mount : plan.missingMounts()) {
      missing.add(Collections.unmodifiableMap(MountWords.details(mount)));
    }
    return new PlanDescription(
        plan.image().name().toString(),
        Shown.value(plan.image().root().value()),
        steps,
        skipped,
        missing);
  }

  /** Returns all of it as a map of strings, longs, booleans, lists and maps, for JSON. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("image", image);
    map.put("root", root);
    map.put("steps", steps.stream().map(StepDescription::toMap).toList());
    map.put("skippedMounts", skippedMounts);
    map.put("missingMounts", missingMounts);
    return Collections.unmodifiableMap(map);
  }
}
