// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.jobrunner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A job that is or was being run, and its files. Immutable.
 *
 * @param name its name
 * @param directory where its files are
 */
record ClaimedJob(String name, Path directory) {
  Path file() {
    return directory.resolve("job.toml");
  }

  Path output() {
    return directory.resolve("output");
  }

  Path result() {
    return directory.resolve("result.toml");
  }

  private Path process() {
    return directory.resolve("process");
  }

  /** Writes down which processes are its. */
  void record(ProcessTree tree) throws IOException {
    DurableFiles.write(process(), tree.text());
  }

  /** Returns the processes that were written down, or empty if none were. */
  Optional<ProcessTree> recorded() throws IOException {
    try {
      return Optional.of(ProcessTree.parse(Files.readString(process())));
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
  }
}
