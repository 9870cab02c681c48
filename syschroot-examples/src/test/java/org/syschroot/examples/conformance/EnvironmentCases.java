// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.util.List;

/** Variables of a command. */
final class EnvironmentCases {
  private EnvironmentCases() {}

  private static ConformanceCase.Body value(String value) {
    return way -> Way.output(way.shell("printf '[%s]' \"$V\"").variable("V", value));
  }

  static List<ConformanceCase> all() {
    CaseList cases = new CaseList("environment");
    for (String value :
        List.of("x", "", " ", "a b", "a=b", "=", "'\"\\", "$HOME", "*", "line\nline\n", "\t")) {
      cases.add("the value " + named(value), "[" + value + "]", value(value));
    }
    cases.add(
        "a value of 100 000 bytes",
        "100000",
        way -> Way.output(way.shell("printf ${#V}").variable("V", "x".repeat(100_000))));
    cases.add(
        "100 000 bytes in 1 000 variables",
        "1000 100000",
        way -> {
          ChildBuilder builder =
              way.shell(
                  "/bin/busybox env | /bin/busybox grep -c ^LONG_; /bin/busybox env | /bin/busybox grep ^LONG_ | /bin/busybox wc -c");
          for (int i = 0; i < 1000; i++) {
            builder.variable("LONG_" + (1000 + i), "x".repeat(89)); // 10 of the name, = and newline
          }
          return Way.output(builder).strip().replace("\n", " ");
        });
    cases.add(
        "a value that Linux does not take",
        "IOException",
        way -> way.shell(":").variable("V", "x".repeat(131072)).start());
    cases.add(
        "the JVM's variables",
        System.getenv().getOrDefault("PATH", "unset"),
        way -> way.output("printf %s \"${PATH-unset}\""));
    cases.add(
        "a variable of the JVM with another value",
        "/other",
        way -> Way.output(way.shell("printf %s \"$HOME\"").variable("HOME", "/other")));
    cases.add(
        "without a variable of the JVM",
        "unset",
        way -> Way.output(way.shell("printf %s \"${HOME-unset}\"").withoutVariable("HOME")));
    cases.add(
        "without a variable that is not set",
        "",
        way -> Way.output(way.shell(":").withoutVariable("NO_SUCH_VARIABLE")));
    cases.add(
        "the last of two values",
        "2",
        way -> Way.output(way.shell("printf $V").variable("V", "1").variable("V", "2")));
    cases.add(
        "empty",
        "PWD=/",
        way -> entries(way.run(Way.BUSYBOX, "env").emptyEnvironment().variable("PWD", "/")));
    cases.add(
        "empty but for one",
        "A=1",
        way -> entries(way.run(Way.BUSYBOX, "env").emptyEnvironment().variable("A", "1")));
    cases.add(
        "a variable set before it is emptied",
        "B=2",
        way ->
            entries(
                way.run(Way.BUSYBOX, "env")
                    .variable("A", "1")
                    .emptyEnvironment()
                    .variable("B", "2")));
    cases.add(
        "$PWD when the directory is another",
        "/else",
        way ->
            Way.output(way.run(Way.BUSYBOX, "env").variable("PWD", "/else").directory("/tmp"))
                .lines()
                .filter(line -> line.startsWith("PWD="))
                .findFirst()
                .orElseThrow()
                .substring(4));
    cases.add(
        "the JVM's $PWD when the directory is another",
        System.getenv().getOrDefault("PWD", "unset"),
        way ->
            Way.output(way.run(Way.BUSYBOX, "env").directory("/tmp"))
                .lines()
                .filter(line -> line.startsWith("PWD="))
                .findFirst()
                .orElse("PWD=unset")
                .substring(4));
    cases.add(
        "an empty name",
        "status 0",
        way -> "status " + way.shell(":").variable("", "x").start().waitFor());
    cases.add(
        "= in a name", "IllegalArgumentException", way -> way.shell(":").variable("A=B", "x"));
    cases.add(
        "U+0000 in a value", "IllegalArgumentException", way -> way.shell(":").variable("A", "\0"));
    cases.add(
        "U+0000 in a name", "IllegalArgumentException", way -> way.shell(":").variable("\0", "a"));
    cases.add("null", "NullPointerException", way -> way.shell(":").variable("A", null));
    cases.add(
        "a name that a shell does not know",
        "yes",
        way ->
            Way.output(way.run(Way.BUSYBOX, "env").variable("a.b-c%%", "yes"))
                .lines()
                .filter(line -> line.startsWith("a.b-c%%="))
                .findFirst()
                .orElseThrow()
                .substring(8));
    cases.add(
        "the JVM's own stays as it is",
        "null",
        way -> {
          Way.output(way.shell(":").variable("FOR_THE_CHILD", "x"));
          return System.getenv("FOR_THE_CHILD");
        });
    return cases.list();
  }

  private static String named(String value) {
    return value.isEmpty() ? "of no bytes" : value.replace("\n", "\\n").replace("\t", "\\t");
  }

  private static String entries(ChildBuilder builder) throws java.io.IOException {
    return String.join(" ", Way.output(builder).lines().sorted().toList());
  }
}
