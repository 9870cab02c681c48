// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs, to their end, with a time limit. */
final class Shell {
  private static final int SECONDS = 400;

  private Shell() {}

  /** What a program did. */
  record Outcome(int status, String output) {}

  /** Runs a program that must succeed, and returns what it printed, errors included. */
  static String run(String... words) throws IOException, InterruptedException {
    Outcome outcome = outcome(words);
    assertThat(outcome.status()).as("%s: %s", List.of(words), outcome.output()).isZero();
    return outcome.output();
  }

  static Outcome outcome(String... words) throws IOException, InterruptedException {
    Path output = Files.createTempFile("syschroot-dist", ".out");
    try {
      ProcessBuilder builder = new ProcessBuilder(words);
      Map<String, String> environment = builder.environment();
      // A proxy is a matter of the machine.
      environment.keySet().removeIf(name -> !name.toLowerCase(Locale.ROOT).endsWith("_proxy"));
      environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
      environment.put("DEBIAN_FRONTEND", "noninteractive");
      environment.put("LC_ALL", "C.UTF-8");
      Process process =
          builder
              .directory(Path.of("/").toFile())
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new AssertionError(List.of(words) + " takes more than " + SECONDS + " s");
      }
      return new Outcome(
          process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
    } finally {
      Files.delete(output);
    }
  }
}
