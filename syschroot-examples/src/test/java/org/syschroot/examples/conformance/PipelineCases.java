// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.List;

/** Commands that read one another. */
final class PipelineCases {
  private PipelineCases() {}

  private static String last(List<Process> processes) throws IOException {
    return Way.text(processes.get(processes.size() - 1));
  }

  static List<ConformanceCase> all() {
    CaseList cases = new CaseList("pipelines");
    cases.add("one command", "a\n", way -> last(way.shell("echo a").startWith(List.of())));
    cases.add(
        "two commands",
        "[a]\n",
        way -> last(way.shell("echo a").startWith(List.of(way.shell("read x; echo [$x]")))));
    cases.add(
        "five commands",
        "[[[[a]]]]\n",
        way -> {
          String round = "read x; echo [$x]";
          return last(
              way.shell("echo a")
                  .startWith(
                      List.of(
                          way.shell(round), way.shell(round), way.shell(round), way.shell(round))));
        });
    cases.add(
        "the first reads ours",
        "[in]\n",
        way -> {
          List<Process> all =
              way.run(Way.BUSYBOX, "cat").startWith(List.of(way.shell("read x; echo [$x]")));
          Way.write(all.get(0), "in\n");
          all.get(0).getOutputStream().close();
          return last(all);
        });
    cases.add(
        "each has its exit status",
        "3 4 5",
        way -> {
          List<Process> all =
              way.shell("exit 3").startWith(List.of(way.shell("exit 4"), way.shell("exit 5")));
          return all.get(0).waitFor() + " " + all.get(1).waitFor() + " " + all.get(2).waitFor();
        });
    cases.add(
        "the output of the first is not ours",
        "-1",
        way -> {
          List<Process> all = way.shell("echo a").startWith(List.of(way.run(Way.BUSYBOX, "cat")));
          last(all);
          return all.get(0).getInputStream().read();
        });
    cases.add(
        "the input of the second is not ours",
        "IOException",
        way -> {
          List<Process> all = way.shell("echo a").startWith(List.of(way.run(Way.BUSYBOX, "cat")));
          last(all);
          all.get(1).getOutputStream().write(1);
          return "written";
        });
    cases.add(
        "each has its error stream",
        "one\n two\n",
        way -> {
          List<Process> all =
              way.shell("echo one >&2").startWith(List.of(way.shell("echo two >&2")));
          return Way.error(all.get(0)) + " " + Way.error(all.get(1));
        });
    cases.add(
        "a merged error stream goes to the next",
        "[err, out]",
        way ->
            last(way.shell("echo out; echo err >&2")
                    .merged()
                    .startWith(List.of(way.run(Way.BUSYBOX, "cat"))))
                .lines()
                .sorted()
                .toList());
    cases.add(
        "a reader that ends",
        "141",
        way ->
            way.shell("exec /bin/busybox yes")
                .startWith(List.of(way.shell("read x")))
                .get(0)
                .waitFor());
    cases.add(
        "2 000 000 bytes",
        "2000000",
        way ->
            last(way.shell("/bin/busybox head -c 2000000 /dev/zero")
                    .startWith(
                        List.of(way.run(Way.BUSYBOX, "cat"), way.run(Way.BUSYBOX, "wc", "-c"))))
                .strip());
    cases.add(
        "the ends from and to files",
        "text",
        way -> {
          File target = way.directory().resolve("target").toFile();
          List<Process> all =
              way.run(Way.BUSYBOX, "cat")
                  .input(Redirect.from(way.file("source", "text").toFile()))
                  .startWith(List.of(way.run(Way.BUSYBOX, "cat").output(Redirect.to(target))));
          all.get(1).waitFor();
          return java.nio.file.Files.readString(target.toPath());
        });
    cases.add(
        "redirected between two",
        "IllegalArgumentException",
        way -> way.shell(":").output(Redirect.DISCARD).startWith(List.of(way.shell(":"))));
    cases.add(
        "redirected input of the second",
        "IllegalArgumentException",
        way ->
            way.shell(":")
                .startWith(List.of(way.shell(":").input(Redirect.from(new File("/dev/null"))))));
    cases.add(
        "the second is not there",
        "IOException",
        way -> way.shell("exec /bin/busybox sleep 60").startWith(List.of(way.run("/bin/none"))));
    cases.add(
        "the first of such a pipeline does not go on",
        "gone",
        way -> {
          File pid = way.directory().resolve("pid").toFile();
          Way.outcome(
              () ->
                  way.shell("echo $$ > \"$1\"; exec /bin/busybox sleep 60", pid.toString())
                      .startWith(List.of(way.run("/bin/none"))));
          long deadline = System.nanoTime() + 10_000_000_000L;
          while (ProcessHandle.current()
                  .children()
                  .anyMatch(
                      child ->
                          child
                              .info()
                              .arguments()
                              .filter(words -> List.of(words).contains("60"))
                              .isPresent())
              && System.nanoTime() < deadline) {
            Thread.onSpinWait();
          }
          return System.nanoTime() < deadline ? "gone" : "runs";
        });
    return cases.list();
  }
}
