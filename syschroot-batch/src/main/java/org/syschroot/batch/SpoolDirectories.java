// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.util.Optional;
import java.util.function.Supplier;
import org.syschroot.image.Image;
import org.syschroot.image.SubmitSettings;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountPlan;

/**
 * Shows an image with {@code [submit]} the directory in which the scheduler puts the scripts of
 * jobs: a launcher hands its image the script's path, which must lead to the script there as well.
 * What the configuration says of such a directory counts.
 */
final class SpoolDirectories {
  private final Supplier<SchedulerFiles> settings;

  SpoolDirectories(Supplier<SchedulerFiles> settings) {
    this.settings = settings;
  }

  MountPlan of(Image image, MountPlan plan) {
    Optional<SubmitSettings> submit = image.submit();
    if (submit.isEmpty()) {
      return plan;
    }
    MountPlan more = plan;
    for (BindMount spool : Scheduler.of(submit.get()).spool(settings.get())) {
      if (plan.steps().stream().noneMatch(step -> step.target().equals(spool.target()))) {
        more = more.plus(spool);
      }
    }
    return more;
  }
}
