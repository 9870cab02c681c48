// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How a command ends. */
final class ExitCases {
  private static final Map<String, Integer> SIGNALS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("HUP", 1),
              Map.entry("INT", 2),
              Map.entry("ILL", 4),
              Map.entry("ABRT", 6),
              Map.entry("FPE", 8),
              Map.entry("KILL", 9),
              Map.entry("USR1", 10),
              Map.entry("SEGV", 11),
              Map.entry("PIPE", 13),
              Map.entry("ALRM", 14),
              Map.entry("TERM", 15)));

  private ExitCases() {}

  static List<ConformanceCase> all() {
    CaseList cases = new CaseList("exit status");
    for (int status : new int[] {0, 1, 2, 3, 77, 125, 126, 127, 128, 129, 137, 143, 254, 255}) {
      cases.add("exit " + status, status, way -> way.shell("exit " + status).start().waitFor());
    }
    SIGNALS.forEach(
        (name, number) ->
            cases.add(
                "killed by SIG" + name,
                128 + number,
                way -> way.shell("ulimit -c 0; kill -" + name + " $$; exit 1").start().waitFor()));
    cases.add(
        "a signal that is handled",
        7,
        way -> way.shell("trap 'exit 7' TERM; kill -TERM $$").start().waitFor());
    cases.add(
        "a signal that is ignored",
        8,
        way -> way.shell("trap '' TERM; kill -TERM $$; exit 8").start().waitFor());
    cases.add(
        "that of the program in a shell's place",
        "1",
        way -> way.shell("exec /bin/busybox false").start().waitFor());
    cases.add(
        "waitFor, again and again",
        "5 5 5",
        way -> {
          Process process = way.shell("exit 5").start();
          return process.waitFor() + " " + process.waitFor() + " " + process.exitValue();
        });
    cases.add(
        "exitValue of one that runs",
        "IllegalThreadStateException",
        way -> {
          Process process = way.shell("read go").start();
          try {
            return process.exitValue();
          } finally {
            process.getOutputStream().close();
          }
        });
    cases.add(
        "isAlive before and after",
        "true false",
        way -> {
          Process process = way.shell("read go").start();
          boolean before = process.isAlive();
          process.getOutputStream().close();
          process.waitFor();
          return before + " " + process.isAlive();
        });
    cases.add(
        "one that ends at once, 40 times",
        "0 to 39",
        way -> {
          for (int i = 0; i < 40; i++) {
            int status = way.shell("exit " + i).start().waitFor();
            if (status != i) {
              return i + " ended with " + status;
            }
          }
          return "0 to 39";
        });
    return cases.list();
  }
}
