// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.buildmatrix;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.spawn.Spawn;
import org.syschroot.spawn.SwitchedProcess;

/**
 * How the system of an image describes itself. Immutable.
 *
 * @param machine what {@code uname -m} says in it
 * @param release the name of its distribution's release
 */
record SystemDescription(String machine, String release) {
  static final SystemDescription UNKNOWN = new SystemDescription("?", "?");

  // Distributions older than os-release(5) have a file of one line.
  private static final String SCRIPT =
      "uname -m; cat /etc/os-release 2>/dev/null || cat /etc/redhat-release /etc/debian_version"
          + " 2>/dev/null";
  private static final String NAME = "PRETTY_NAME=";
  private static final long PATIENCE_SECONDS = 30;

  /** Asks an image; what it does not answer in time is unknown. */
  static SystemDescription of(Syschroot syschroot, Image image) throws InterruptedException {
    Spawn question =
        syschroot
            .prepare(SwitchRequest.in(image).command("/bin/sh", "-c", SCRIPT).directory("/"))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .ownPidNamespace(true);
    try {
      SwitchedProcess process = question.start();
      process.getOutputStream().close();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        return UNKNOWN;
      }
      return parse(
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .toList());
    } catch (IOException noShell) {
      return UNKNOWN;
    }
  }

  /** Returns what the lines of an answer say: the machine, then a file that names the release. */
  static SystemDescription parse(List<String> answer) {
    if (answer.isEmpty()) {
      return UNKNOWN;
    }
    List<String> file = answer.subList(1, answer.size());
    Optional<String> pretty =
        file.stream()
            .filter(line -> line.startsWith(NAME))
            .map(line -> unquoted(line.substring(NAME.length())))
            .findFirst();
    return new SystemDescription(
        answer.get(0), pretty.or(() -> file.stream().findFirst()).orElse(UNKNOWN.release));
  }

  private static String unquoted(String value) {
    boolean quoted =
        value.length() > 1
            && (value.startsWith("\"") || value.startsWith("'"))
            && value.endsWith(value.substring(0, 1));
    return quoted ? value.substring(1, value.length() - 1) : value;
  }
}
