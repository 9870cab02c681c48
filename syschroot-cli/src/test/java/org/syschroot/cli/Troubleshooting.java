// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The page {@code docs/troubleshooting.md}, for the tests that provoke its messages. */
public final class Troubleshooting {
  private Troubleshooting() {}

  /** Returns the text of the page. */
  public static String text() throws IOException {
    return Files.readString(
        Path.of(System.getProperty("syschroot.tests.checkout"), "docs/troubleshooting.md"));
  }

  /** Returns the messages of a section's table, in their order. */
  public static List<String> table(String section) throws IOException {
    return text()
        .split("\n## " + section + "\n", 2)[1]
        .split("\n## ", 2)[0]
        .lines()
        .filter(line -> line.startsWith("| `"))
        .map(line -> line.substring(3, line.indexOf('`', 3)))
        .toList();
  }
}
