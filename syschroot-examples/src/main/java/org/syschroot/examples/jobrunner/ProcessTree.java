// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.jobrunner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The processes of a job, by the first of their pid namespace: when that one is gone, so are all.
 * It can be written down and recognised by a later JVM; its number alone may be another process's
 * by then. Immutable.
 *
 * @param pid its number
 * @param startTime when it was started, in clock ticks since the system was
 * @param boot which start of the system that was
 */
record ProcessTree(long pid, String startTime, String boot) {
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  // proc_pid_stat(5): field 22, where the first after the name in parentheses is field 3.
  private static final int START_TIME = 22 - 3;
  private static final long PATIENCE_SECONDS = 60;

  /**
   * Returns the tree of a process.
   *
   * @throws NoSuchFileException if there is no such process
   */
  static ProcessTree of(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String startTime = stat.substring(stat.lastIndexOf(')') + 2).split(" ")[START_TIME];
    return new ProcessTree(pid, startTime, Files.readString(BOOT).strip());
  }

  String text() {
    return pid + " " + startTime + " " + boot + "\n";
  }

  /** Returns the tree that was written down. */
  static ProcessTree parse(String text) {
    List<String> words = List.of(text.strip().split(" "));
    return new ProcessTree(Long.parseLong(words.get(0)), words.get(1), words.get(2));
  }

  /**
   * Kills it, and waits until nothing of it is left.
   *
   * @return whether it was still there
   */
  boolean kill() throws IOException, InterruptedException {
    // A handle is of one process, and does nothing when the number has become another's.
    Optional<ProcessHandle> first = ProcessHandle.of(pid);
    if (first.isEmpty() || !isStillThere()) {
      return false;
    }
    first.get().destroyForcibly();
    try {
      first.get().onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new IOException("process " + pid + " does not end", e);
    }
    return true;
  }

  private boolean isStillThere() throws IOException {
    try {
      return equals(of(pid));
    } catch (NoSuchFileException gone) {
      return false;
    }
  }
}
