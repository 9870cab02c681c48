// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.util.List;

/** A command that reads what one that runs already writes; the JDK has pipelines for that. */
final class ReaderCases {
  private ReaderCases() {}

  private static String reader(List<Process> processes) throws IOException {
    return Way.text(processes.get(1));
  }

  static List<ConformanceCase> all() {
    CaseList cases = new CaseList("output of one as input of another");
    cases.add(
        "a line",
        "[a]\n",
        way -> reader(way.shell("echo a").startThen(way.shell("read x; echo [$x]"))));
    cases.add(
        "nothing", "[]\n", way -> reader(way.shell(":").startThen(way.shell("read x; echo [$x]"))));
    cases.add(
        "the first reads ours",
        "[in]\n",
        way -> {
          List<Process> both =
              way.run(Way.BUSYBOX, "cat").startThen(way.shell("read x; echo [$x]"));
          Way.write(both.get(0), "in\n");
          both.get(0).getOutputStream().close();
          return reader(both);
        });
    cases.add(
        "2 000 000 bytes",
        "2000000",
        way ->
            reader(
                    way.shell("/bin/busybox head -c 2000000 /dev/zero")
                        .startThen(way.run(Way.BUSYBOX, "wc", "-c")))
                .strip());
    cases.add(
        "each has its exit status",
        "3 4",
        way -> {
          List<Process> both = way.shell("exit 3").startThen(way.shell("exit 4"));
          return both.get(0).waitFor() + " " + both.get(1).waitFor();
        });
    cases.add(
        "a reader that ends",
        "141",
        way -> way.shell("exec /bin/busybox yes").startThen(way.shell("read x")).get(0).waitFor());
    cases.add(
        "a reader that is destroyed",
        "141",
        way -> {
          List<Process> both =
              way.shell("exec /bin/busybox yes")
                  .startThen(
                      way.shell("exec /bin/busybox cat > /dev/null").output(Redirect.DISCARD));
          both.get(1).destroy();
          return both.get(0).waitFor();
        });
    cases.add(
        "a first that is destroyed",
        "end",
        way -> {
          List<Process> both =
              way.shell("exec /bin/busybox sleep 60")
                  .startThen(way.shell("/bin/busybox cat; printf end"));
          both.get(0).destroy();
          return reader(both);
        });
    cases.add(
        "it is no longer ours",
        "-1",
        way -> {
          List<Process> both = way.shell("echo a").startThen(way.run(Way.BUSYBOX, "cat"));
          reader(both);
          return both.get(0).getInputStream().read();
        });
    cases.add(
        "the input of the reader is not ours",
        "IOException",
        way -> {
          List<Process> both = way.shell("echo a").startThen(way.run(Way.BUSYBOX, "cat"));
          reader(both);
          both.get(1).getOutputStream().write(1);
          return "written";
        });
    cases.add(
        "the error stream of the first is ours",
        "err\n",
        way -> Way.error(way.shell("echo err >&2").startThen(way.shell(":")).get(0)));
    cases.add(
        "a merged error stream",
        "err\n",
        way -> reader(way.shell("echo err >&2").merged().startThen(way.run(Way.BUSYBOX, "cat"))));
    cases.add(
        "the reader writes to a file",
        "text",
        way -> {
          File target = way.directory().resolve("target").toFile();
          way.shell("printf text")
              .startThen(way.run(Way.BUSYBOX, "cat").output(Redirect.to(target)))
              .get(1)
              .waitFor();
          return Files.readString(target.toPath());
        });
    cases.add(
        "a first that writes to a file",
        "IllegalArgumentException",
        way -> way.shell(":").output(Redirect.DISCARD).startThen(way.shell(":")));
    cases.add(
        "the reader is not there",
        "IOException",
        way -> way.shell(":").startThen(way.run("/bin/none")));
    return cases.list();
  }
}
