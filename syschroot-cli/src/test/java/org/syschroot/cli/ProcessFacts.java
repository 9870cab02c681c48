// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What {@code cat} of files in /proc/self brings to light of a process. */
final class ProcessFacts {
  private static final String PROC = "/proc/self/";

  /** What /proc/self/status says of a process that a switch must not touch. */
  private static final List<String> KEPT =
      List.of(
          "Umask",
          "PPid",
          "NSpgid",
          "NSsid",
          "Uid",
          "Gid",
          "Groups",
          "SigPnd",
          "ShdPnd",
          "SigBlk",
          "SigIgn",
          "SigCgt",
          "CapInh",
          "CapPrm",
          "CapEff",
          "CapBnd",
          "CapAmb",
          "NoNewPrivs",
          "Seccomp",
          "Cpus_allowed",
          "Mems_allowed",
          "Threads");

  // The fields of /proc/PID/stat from the third on, as in proc_pid_stat(5).
  private static final Map<String, Integer> STAT_FIELDS =
      Map.of(
          "tty_nr",
          7,
          "tpgid",
          8,
          "priority",
          18,
          "nice",
          19,
          "exit_signal",
          38,
          "rt_priority",
          40,
          "policy",
          41);

  private ProcessFacts() {}

  /** Returns the probe. */
  static List<String> command() {
    return Stream.concat(
            Stream.of("/bin/cat"),
            Stream.of("status", "stat", "limits", "oom_score_adj", "timerslack_ns", "cgroup")
                .map(PROC::concat))
        .toList();
  }

  /** Returns the facts in the probe's output, by name. */
  static Map<String, String> parse(String text) {
    Map<String, String> facts = new TreeMap<>();
    for (String line : text.split("\n", -1)) {
      String[] pair = line.split(":\\s*", 2);
      if (pair.length == 2 && KEPT.contains(pair[0])) {
        facts.put(pair[0], pair[1]);
      } else if (line.startsWith("Max ")) {
        facts.put(line.substring(0, 25).strip(), line.substring(26).strip());
      } else if (line.matches("\\d+ \\(.*")) {
        String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
        STAT_FIELDS.forEach((name, number) -> facts.put(name, fields[number - 3]));
      } else if (line.matches("-?\\d+")) {
        facts.merge("oom_score_adj, timerslack_ns", line, (a, b) -> a + " " + b);
      } else if (line.matches("\\d+:.*:/.*")) {
        facts.merge("cgroup", line, (a, b) -> a + "\n" + b);
      } else if (line.startsWith("Pid:")) {
        facts.put("Pid", pair[1]);
      }
    }
    return facts;
  }
}
