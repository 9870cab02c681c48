// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.jobrunner;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Puts in order what a runner that was killed has left: a job whose result is on the disk is
 * finished; what still runs of any other is killed, and it begins again.
 */
final class Recovery {
  private final JobQueue queue;

  Recovery(JobQueue queue) {
    this.queue = queue;
  }

  /** Does so, and returns what was done, for people to read. */
  List<String> run() throws IOException, InterruptedException {
    List<String> told = new ArrayList<>();
    for (ClaimedJob job : queue.begun()) {
      if (Files.exists(job.result())) {
        queue.tidyAway(job);
        told.add(job.name() + ": had finished");
        continue;
      }
      Optional<ProcessTree> tree = job.recorded();
      boolean killed = tree.isPresent() && tree.get().kill();
      if (Files.exists(job.file())) {
        queue.giveBack(job);
        told.add(job.name() + ": interrupted, begins again" + (killed ? "; killed the rest" : ""));
      } else {
        queue.discard(job); // the runner was killed between two changes
      }
    }
    return told;
  }
}
