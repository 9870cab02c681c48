// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a command is called with. */
final class ArgumentCases {
  private static final String SHOW = "for a; do printf '[%s]' \"$a\"; done";
  private static final int MAX_ARGUMENT = 131072; // MAX_ARG_STRLEN, with its NUL

  private ArgumentCases() {}

  static List<ConformanceCase> all() {
    CaseList cases = new CaseList("arguments");
    new TreeMap<>(
            Map.ofEntries(
                Map.entry("an empty one", ""),
                Map.entry("one blank", " "),
                Map.entry("blanks within", "a  b"),
                Map.entry("blanks around", " a "),
                Map.entry("a tabulator", "a\tb"),
                Map.entry("a newline", "a\nb"),
                Map.entry("only a newline", "\n"),
                Map.entry("a carriage return", "a\rb"),
                Map.entry("single quotes", "'a'"),
                Map.entry("double quotes", "\"a\""),
                Map.entry("a backslash", "a\\"),
                Map.entry("a pattern", "/bin/*"),
                Map.entry("a variable", "$HOME ${PATH}"),
                Map.entry("a command substitution", "$(exit 1) `exit 2`"),
                Map.entry("shell operators", "; & | < > && ||"),
                Map.entry("an option", "-x"),
                Map.entry("two hyphens", "--"),
                Map.entry("an assignment", "A=1"),
                Map.entry("a percent sign", "%s%n"),
                Map.entry("a control character", "\u0001\u001b[0m"),
                Map.entry("a tilde and braces", "~ {a,b}"),
                Map.entry("4 KiB", "x".repeat(4096)),
                Map.entry("the longest that Linux takes", "x".repeat(MAX_ARGUMENT - 1))))
        .forEach(
            (name, text) ->
                cases.add(name, "[" + text + "]", way -> Way.output(way.shell(SHOW, text))));
    cases.addMatching(
        "not ASCII", "\\[\\?+\\]|\\[äöü€😀\\]", way -> Way.output(way.shell(SHOW, "äöü€😀")));
    cases.add("none", "", way -> way.output(SHOW));
    cases.add("the order of three", "[c][a][b]", way -> Way.output(way.shell(SHOW, "c", "a", "b")));
    cases.add(
        "5 000",
        "5000",
        way ->
            Way.output(
                way.shell("printf $#", Collections.nCopies(5000, "word").toArray(String[]::new))));
    cases.add(
        "one that Linux does not take",
        "IOException",
        way -> way.shell(SHOW, "x".repeat(MAX_ARGUMENT)).start());
    cases.add(
        "3 MiB of them",
        "IOException",
        way ->
            way.shell(SHOW, Collections.nCopies(30, "x".repeat(100_000)).toArray(String[]::new))
                .start());
    cases.add("U+0000 in one", "IOException", way -> way.shell(SHOW, "a\0b").start());
    cases.add("U+0000 in the program", "IOException", way -> way.run("/bin/\0sh").start());
    cases.add(
        "null",
        "NullPointerException",
        way -> way.command(Arrays.asList(Way.BUSYBOX, null)).directory("/").start());
    cases.addMatching(
        "no program",
        "(Array)?IndexOutOfBoundsException",
        way -> {
          Process process = way.command(List.of()).directory("/").start();
          process.getOutputStream().close();
          return "status " + process.waitFor();
        });
    cases.add("an empty program", "IOException", way -> way.run("").start());
    cases.add("a program that is not there", "IOException", way -> way.run("/bin/none").start());
    cases.add(
        "a program that PATH has not", "IOException", way -> way.run("no-such-program").start());
    cases.add("a program below a file", "IOException", way -> way.run("/bin/busybox/x").start());
    cases.add("a directory as program", "IOException", way -> way.run("/bin").start());
    cases.add(
        "a file that is not executable",
        "IOException",
        way -> way.run(way.file("plain", "text").toString()).start());
    cases.add(
        "an executable text without an interpreter",
        "by a shell",
        way -> {
          java.nio.file.Path file = way.file("odd", "printf 'by a shell'\n");
          file.toFile().setExecutable(true, false);
          return Way.output(way.run(file.toString()));
        });
    cases.add(
        "a script with an interpreter",
        "in script [x]",
        way -> {
          java.nio.file.Path file =
              way.file("script", "#!/bin/busybox sh\nprintf 'in script [%s]' \"$1\"\n");
          file.toFile().setExecutable(true, false);
          return Way.output(way.run(file.toString(), "x"));
        });
    cases.add(
        "a script whose interpreter is not there",
        "IOException",
        way -> {
          java.nio.file.Path file = way.file("orphan", "#!/bin/none\n");
          file.toFile().setExecutable(true, false);
          return way.run(file.toString()).start();
        });
    cases.add("a program along PATH", "found", way -> Way.output(way.run("echo", "-n", "found")));
    cases.add(
        "a list that is changed after the start",
        "[a]",
        way -> {
          List<String> words = new ArrayList<>(List.of(Way.BUSYBOX, "sh", "-c", SHOW, "sh", "a"));
          Process process = way.command(words).directory("/").start();
          words.set(5, "b");
          return Way.text(process);
        });
    cases.add(
        "argv[0] is the program as it was given",
        "/bin/busybox",
        way ->
            Way.output(
                way.run(
                    Way.BUSYBOX,
                    "sh",
                    "-c",
                    "IFS= read -r -d '' a < /proc/$$/cmdline; printf %s \"$a\"")));
    return cases.list();
  }
}
