// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.io.File;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Where the streams of a command lead besides pipes. */
final class RedirectCases {
  private static final String BOTH = "echo out; echo err >&2";

  private RedirectCases() {}

  private static File target(Way way) {
    return way.directory().resolve("target").toFile();
  }

  private static String end(ChildBuilder builder, File file) throws Exception {
    builder.start().waitFor();
    return Files.readString(file.toPath());
  }

  static List<ConformanceCase> all() {
    CaseList cases = new CaseList("redirects");
    files(cases);
    merged(cases);
    withoutPipe(cases);
    refused(cases);
    return cases.list();
  }

  private static void files(CaseList cases) {
    cases.add(
        "output to a file",
        "out\n",
        way -> end(way.shell(BOTH).output(Redirect.to(target(way))), target(way)));
    cases.add(
        "error to a file",
        "err\n",
        way -> end(way.shell(BOTH).error(Redirect.to(target(way))), target(way)));
    cases.add(
        "output to a file that is longer",
        "out\n",
        way -> {
          way.file("target", "a long text that was there before\n");
          return end(way.shell(BOTH).output(Redirect.to(target(way))), target(way));
        });
    cases.add(
        "output appended to a file",
        "before\nout\n",
        way -> {
          way.file("target", "before\n");
          return end(way.shell(BOTH).output(Redirect.appendTo(target(way))), target(way));
        });
    cases.add(
        "output appended to a file that is not there",
        "out\n",
        way -> end(way.shell(BOTH).output(Redirect.appendTo(target(way))), target(way)));
    cases.add(
        "two that append at once",
        "4000",
        way -> {
          String lines = "i=0; while [ $i -lt 2000 ]; do echo line; i=$((i+1)); done";
          Process one = way.shell(lines).output(Redirect.appendTo(target(way))).start();
          Process other = way.shell(lines).output(Redirect.appendTo(target(way))).start();
          one.waitFor();
          other.waitFor();
          return Files.readAllLines(target(way).toPath()).size();
        });
    cases.add(
        "input from a file",
        "text",
        way ->
            Way.text(
                way.run(Way.BUSYBOX, "cat")
                    .input(Redirect.from(way.file("source", "text").toFile()))
                    .start()));
    cases.add(
        "input from an empty file",
        "",
        way ->
            Way.text(
                way.run(Way.BUSYBOX, "cat")
                    .input(Redirect.from(way.file("source", "").toFile()))
                    .start()));
    cases.add(
        "input from /dev/null",
        "",
        way ->
            Way.text(
                way.run(Way.BUSYBOX, "cat").input(Redirect.from(new File("/dev/null"))).start()));
    cases.add(
        "all three by files",
        "text err\n",
        way -> {
          File error = way.directory().resolve("error").toFile();
          way.shell("/bin/busybox cat; echo err >&2")
              .input(Redirect.from(way.file("source", "text").toFile()))
              .output(Redirect.to(target(way)))
              .error(Redirect.to(error))
              .start()
              .waitFor();
          return Files.readString(target(way).toPath()) + " " + Files.readString(error.toPath());
        });
    cases.add(
        "output and error to the same file, appended",
        "[err, out]",
        way -> {
          way.shell(BOTH)
              .output(Redirect.appendTo(target(way)))
              .error(Redirect.appendTo(target(way)))
              .start()
              .waitFor();
          return Files.readAllLines(target(way).toPath()).stream().sorted().toList();
        });
    cases.add(
        "the mode of a file that is made",
        "true",
        way -> {
          way.shell(":").output(Redirect.to(target(way))).start().waitFor();
          Path ours = Files.createFile(way.directory().resolve("ours"));
          return PosixFilePermissions.toString(Files.getPosixFilePermissions(target(way).toPath()))
              .equals(PosixFilePermissions.toString(Files.getPosixFilePermissions(ours)));
        });
    cases.add(
        "output through a symbolic link",
        "out\n",
        way -> {
          Path real = way.file("real", "");
          Files.createSymbolicLink(target(way).toPath(), real);
          return end(way.shell(BOTH).output(Redirect.to(target(way))), real.toFile());
        });
    cases.add(
        "discarded",
        "-1 -1",
        way -> {
          Process process =
              way.shell(BOTH).output(Redirect.DISCARD).error(Redirect.DISCARD).start();
          process.waitFor();
          return process.getInputStream().read() + " " + process.getErrorStream().read();
        });
    cases.add(
        "pipes, said explicitly",
        "in",
        way -> {
          Process process =
              way.run(Way.BUSYBOX, "cat")
                  .input(Redirect.PIPE)
                  .output(Redirect.PIPE)
                  .error(Redirect.PIPE)
                  .start();
          Way.write(process, "in");
          process.getOutputStream().close();
          return Way.text(process);
        });
    cases.add(
        "the last of two",
        "true",
        way -> {
          Path other = way.directory().resolve("other");
          way.shell(BOTH)
              .output(Redirect.to(other.toFile()))
              .output(Redirect.to(target(way)))
              .start()
              .waitFor();
          return Files.exists(target(way).toPath()) && Files.notExists(other);
        });
    cases.add(
        "a file that is made though the program is not there",
        "IOException true",
        way -> {
          String outcome =
              Way.outcome(() -> way.run("/bin/none").output(Redirect.to(target(way))).start());
          return outcome + " " + target(way).exists();
        });
    cases.add("the JVM's three streams", "0", way -> way.shell(":").inheritIO().start().waitFor());
    cases.add(
        "the JVM's standard error alone",
        "out\n",
        way -> Way.text(way.shell("echo out").error(Redirect.INHERIT).start()));
    cases.add(
        "the same file as the JVM's standard error",
        "true",
        way -> {
          String own = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
          return Way.text(
                  way.shell("/bin/busybox readlink /proc/self/fd/2")
                      .error(Redirect.INHERIT)
                      .start())
              .strip()
              .equals(own);
        });
    cases.add(
        "a named pipe as input",
        "through",
        way -> {
          Path fifo = way.directory().resolve("fifo");
          new ProcessBuilder(Way.BUSYBOX, "mkfifo", fifo.toString()).start().waitFor();
          Process writer =
              new ProcessBuilder(
                      Way.BUSYBOX, "sh", "-c", "printf through > \"$0\"", fifo.toString())
                  .start();
          String text =
              Way.text(way.run(Way.BUSYBOX, "cat").input(Redirect.from(fifo.toFile())).start());
          writer.waitFor();
          return text;
        });
  }

  private static void merged(CaseList cases) {
    cases.add(
        "error with output",
        "[err, out]",
        way -> Way.text(way.shell(BOTH).merged().start()).lines().sorted().toList());
    cases.add(
        "error with output, in order",
        "out\nerr\nout\n",
        way -> Way.text(way.shell("echo out; echo err >&2; echo out").merged().start()));
    cases.add(
        "error with output to a file",
        "out\nerr\n",
        way -> end(way.shell(BOTH).merged().output(Redirect.to(target(way))), target(way)));
    cases.add(
        "error with output, whatever else was said of error",
        "out\nerr\n",
        way -> Way.text(way.shell(BOTH).error(Redirect.DISCARD).merged().start()));
    cases.add(
        "the error stream when merged",
        "-1",
        way -> {
          Process process = way.shell(BOTH).merged().start();
          process.waitFor();
          return process.getErrorStream().read();
        });
  }

  private static void withoutPipe(CaseList cases) {
    cases.add(
        "reading what is in a file",
        "0 -1 0",
        way -> {
          Process process = way.shell(BOTH).output(Redirect.to(target(way))).start();
          process.waitFor();
          return process.getInputStream().available()
              + " "
              + process.getInputStream().read()
              + " "
              + process.getInputStream().readAllBytes().length;
        });
    cases.add(
        "reading what is in a file, closed",
        "-1",
        way -> {
          Process process = way.shell(BOTH).output(Redirect.to(target(way))).start();
          process.getInputStream().close();
          return process.getInputStream().read();
        });
    cases.add(
        "writing to what reads a file",
        "IOException",
        way -> {
          Process process =
              way.run(Way.BUSYBOX, "cat")
                  .input(Redirect.from(way.file("source", "").toFile()))
                  .start();
          process.getOutputStream().write(1);
          return "written";
        });
    cases.add(
        "flushing and closing what reads a file",
        "closed",
        way -> {
          Process process =
              way.run(Way.BUSYBOX, "cat")
                  .input(Redirect.from(way.file("source", "").toFile()))
                  .start();
          process.getOutputStream().close();
          return "closed";
        });
  }

  private static void refused(CaseList cases) {
    cases.add(
        "output to a directory",
        "IOException",
        way -> way.shell(BOTH).output(Redirect.to(way.directory().toFile())).start());
    cases.add(
        "output below what is not there",
        "IOException",
        way -> way.shell(BOTH).output(Redirect.to(new File("/no/such/file"))).start());
    cases.add(
        "input from what is not there",
        "IOException",
        way -> way.shell(BOTH).input(Redirect.from(new File("/no/such/file"))).start());
    cases.add(
        "an input redirect for output",
        "IllegalArgumentException",
        way -> way.shell(BOTH).output(Redirect.from(new File("/dev/null"))));
    cases.add(
        "an input redirect for error",
        "IllegalArgumentException",
        way -> way.shell(BOTH).error(Redirect.from(new File("/dev/null"))));
    cases.add(
        "an output redirect for input",
        "IllegalArgumentException",
        way -> way.shell(BOTH).input(Redirect.to(new File("/dev/null"))));
    cases.add(
        "an appending redirect for input",
        "IllegalArgumentException",
        way -> way.shell(BOTH).input(Redirect.appendTo(new File("/dev/null"))));
    cases.add(
        "no descriptor is left of one that is refused",
        "true",
        way -> {
          Runnable refused =
              () ->
                  Way.outcome(
                      () ->
                          way.shell(BOTH)
                              .output(Redirect.to(target(way)))
                              .error(Redirect.to(new File("/no/such/file")))
                              .start());
          refused.run();
          int before = new File("/proc/self/fd").list().length;
          for (int i = 0; i < 20; i++) {
            refused.run();
          }
          return new File("/proc/self/fd").list().length <= before + 5;
        });
  }
}
