// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a test needs of the machine; where it is missing, the test is skipped, or fails in CI. */
final class Needs {
  private Needs() {}

  static void root() throws IOException {
    need((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0, "needs root");
  }

  static void program(String name) {
    boolean found =
        Stream.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
    need(found, "needs the program " + name);
  }

  private static void need(boolean fulfilled, String reason) {
    if (Boolean.getBoolean("syschroot.tests.mustRun") && !fulfilled) {
      throw new AssertionError(reason);
    }
    assumeTrue(fulfilled, reason);
  }
}
