// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.upkeep;

import java.util.List;
import java.util.function.Function;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.finding.Finding;

/** Directories that the batch scheduler makes anew for each job, which an image's mounts miss. */
public final class JobDirectoriesMissed implements Check {
  private final Function<Examination, List<String>> missed;

  /**
   * Creates the check.
   *
   * @param missed returns the directories; this module knows no scheduler
   */
  public JobDirectoriesMissed(Function<Examination, List<String>> missed) {
    this.missed = missed;
  }

  @Override
  public List<Finding> examine(Examination examination) {
    List<String> directories = missed.apply(examination);
    if (directories.isEmpty()) {
      return List.of();
    }
    return List.of(
        Finding.warning("job-directory-shared")
            .effect(
                "jobs see the directories of the node in the image instead of their own: "
                    + String.join(", ", directories))
            .cause(
                "the scheduler gives each job private ones in a mount namespace, and the launchers"
                    + " use the mounts made at boot")
            .remedy(
                "set mounts = \"entry\" in [launchers], then syschroot link "
                    + examination.image().name())
            .paths(directories)
            .build());
  }
}
