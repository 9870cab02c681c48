// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.upkeep;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.finding.Finding;

/** Directories of batch schedulers with the scripts of jobs, as an image shows them. */
public final class JobSpools implements Check {
  private final Function<Examination, Map<String, String>> missing;
  private final Function<Examination, List<String>> readOnly;

  /**
   * Creates the check; this module knows no scheduler.
   *
   * @param missing returns the directories that are not shown, with their schedulers' names
   * @param readOnly returns those that jobs write to, and that are shown read-only
   */
  public JobSpools(
      Function<Examination, Map<String, String>> missing,
      Function<Examination, List<String>> readOnly) {
    this.missing = missing;
    this.readOnly = readOnly;
  }

  @Override
  public List<Finding> examine(Examination examination) {
    List<Finding> findings = new ArrayList<>();
    Map<String, String> unseen = missing.apply(examination);
    if (!unseen.isEmpty()) {
      String scheduler = unseen.values().iterator().next();
      findings.add(
          Finding.warning("job-spool-missing")
              .effect("jobs whose script begins with a launcher fail: No such file or directory")
              .cause(
                  "nodes copy the script to a directory that is not seen in the image, of "
                      + String.join(", ", new TreeSet<>(unseen.values())))
              .remedy(
                  "add a table [submit] with scheduler = \""
                      + scheduler
                      + "\", then: syschroot mount "
                      + examination.image().name())
              .paths(List.copyOf(unseen.keySet()))
              .build());
    }
    List<String> locked = readOnly.apply(examination);
    if (!locked.isEmpty()) {
      String image = examination.image().name().toString();
      findings.add(
          Finding.warning("job-spool-read-only")
              .effect(
                  "MPI programs of jobs fail in the image, since they cannot make their files:"
                      + " Read-only file system (EROFS)")
              .cause("PMIx and jobs keep files there, and the image's mount is read-only")
              .remedy(
                  "syschroot umount "
                      + image
                      + "; remove ro from the mount of "
                      + String.join(", ", locked)
                      + "; syschroot mount "
                      + image)
              .paths(locked)
              .build());
    }
    return findings;
  }
}
