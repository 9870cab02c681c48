// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Files behind loop devices. Those of all tests on the machine are seen: a path tells which. */
final class LoopFiles {
  private static final int DEADLINE_SECONDS = 20;

  private LoopFiles() {}

  /** Returns the files that are attached, of those whose path has this in it. */
  static List<String> attached(String part) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> devices = Files.list(Path.of("/sys/block"))) {
      for (Path device : devices.filter(d -> d.toString().contains("loop")).toList()) {
        try {
          found.add(Files.readString(device.resolve("loop/backing_file")).strip());
        } catch (IOException free) {
          // Not attached.
        }
      }
    }
    return found.stream().filter(path -> path.contains(part)).toList();
  }

  /** Waits until none of them is attached: the kernel frees them with a delay. */
  static void awaitFreed(String part) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!attached(part).isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(100);
    }
    assertThat(attached(part)).as("files behind loop devices").isEmpty();
  }
}
