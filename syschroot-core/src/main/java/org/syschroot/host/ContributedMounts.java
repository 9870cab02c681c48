// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.host;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.syschroot.image.Image;
import org.syschroot.image.MountContributor;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStep;

/**
 * The mounts of an image after all contributors were asked. Immutable.
 *
 * @param plan what is to be mounted
 * @param contributors who added a step, by the step; steps of the configuration have no entry
 */
public record ContributedMounts(MountPlan plan, Map<MountStep, String> contributors) {
  /** Copies the map. */
  public ContributedMounts {
    contributors = Map.copyOf(contributors);
  }

  /**
   * Asks the contributors, in the order of their names.
   *
   * @throws IllegalArgumentException if what one contributes conflicts; the message has its name
   */
  public static ContributedMounts of(
      Image image, HostFiles host, List<MountContributor> contributors) {
    if (contributors.isEmpty()) {
      return new ContributedMounts(image.mounts(), Map.of());
    }
    List<MountContributor> inOrder = new ArrayList<>(contributors);
    inOrder.sort((one, other) -> one.name().compareTo(other.name()));
    MountPlan plan = image.mounts();
    Map<MountStep, String> names = new HashMap<>();
    for (MountContributor contributor : inOrder) {
      MountPlan before = plan;
      try {
        plan = contributor.contribute(image, host, before);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(contributor.name() + ": " + e.getMessage(), e);
      }
      @SuppressWarnings("ReferenceEquality") // equal ones may be compared below
      boolean unchanged = plan == before;
      if (unchanged) {
        continue; // as most do; what follows takes a start some milliseconds
      }
      Set<MountStep> known = new HashSet<>(before.steps());
      for (MountStep step : plan.steps()) {
        if (!known.contains(step)) {
          names.put(step, contributor.name());
        }
      }
    }
    return new ContributedMounts(plan, names);
  }

  /** Returns which of the steps apply on a host, with the name of who contributed each. */
  public MountSelection on(HostFiles host) {
    MountSelection selection = plan.on(host);
    if (contributors.isEmpty()) {
      return selection;
    }
    List<MountSelection.Mount> named = new ArrayList<>();
    for (MountSelection.Mount mount : selection.mounts()) {
      String name = contributors.get(mount.step());
      named.add(name == null ? mount : mount.contributedBy(name));
    }
    return new MountSelection(named, selection.skipped());
  }
}
