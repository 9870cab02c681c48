// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** What a command reads. */
final class InputCases {
  private static final int MANY = 3_000_000;

  private InputCases() {}

  static List<ConformanceCase> all() {
    CaseList cases = new CaseList("input");
    cases.add(
        "input",
        "word",
        way -> {
          Process process = way.shell("read word; printf $word").start();
          Way.write(process, "word\n");
          return Way.text(process);
        });
    cases.add("input that is closed", "end", way -> way.output("read x || printf end"));
    cases.add(
        "what close flushes",
        "tail",
        way -> {
          Process process = way.run(Way.BUSYBOX, "cat").start();
          process.getOutputStream().write("tail".getBytes(StandardCharsets.US_ASCII));
          process.getOutputStream().close();
          return Way.text(process);
        });
    cases.add(
        "nothing without flush",
        "0",
        way -> {
          Process process = way.run(Way.BUSYBOX, "cat").start();
          process.getOutputStream().write('x');
          int early = process.getInputStream().available();
          process.getOutputStream().close();
          return early;
        });
    cases.add(
        "outputWriter",
        "ä",
        way -> {
          Process process = way.run(Way.BUSYBOX, "cat").start();
          try (java.io.BufferedWriter writer = process.outputWriter(StandardCharsets.UTF_8)) {
            writer.write("ä");
          }
          return Way.text(process);
        });
    cases.add(
        "3 000 000 bytes there and back",
        "true",
        way -> {
          byte[] bytes = new byte[MANY];
          new Random(1).nextBytes(bytes);
          Process process = way.run(Way.BUSYBOX, "cat").start();
          CompletableFuture<Void> writer =
              CompletableFuture.runAsync(
                  () -> {
                    try (OutputStream out = process.getOutputStream()) {
                      out.write(bytes);
                    } catch (IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  });
          byte[] back = process.getInputStream().readAllBytes();
          writer.get();
          return java.util.Arrays.equals(bytes, back);
        });
    cases.add(
        "after the command has closed its input",
        "IOException",
        way -> {
          Process process = way.shell("exec <&-; echo closed; exec /bin/busybox sleep 60").start();
          process.getInputStream().read();
          try {
            for (int i = 0; i < 100; i++) {
              Way.write(process, "x".repeat(10_000));
            }
            return "written";
          } finally {
            process.destroyForcibly();
          }
        });
    cases.add(
        "more than a pipe holds, to one that ends",
        "IOException",
        way -> {
          Process process = way.shell("exit 0").start();
          Way.write(process, "x".repeat(1_000_000));
          return "written";
        });
    cases.add(
        "to a closed stream",
        "IOException",
        way -> {
          Process process = way.shell("read x").start();
          process.getOutputStream().close();
          Way.write(process, "x");
          return "written";
        });
    cases.add(
        "the command sees that its output is closed",
        "141",
        way -> {
          Process process =
              way.shell("read go; while echo y; do :; done 2>/dev/null; kill -PIPE $$").start();
          process.getInputStream().close();
          process.getOutputStream().close();
          return process.waitFor();
        });
    cases.add(
        "the command is killed when it writes to what is closed",
        "141",
        way -> {
          Process process = way.shell("exec /bin/busybox yes").start();
          process.getInputStream().close();
          return process.waitFor();
        });
    return cases.list();
  }
}
