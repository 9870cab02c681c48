// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What takes a JVM of its own: shortages, and its end. */
final class JvmCases {
  private JvmCases() {}

  static List<ConformanceCase> all() {
    CaseList cases = new CaseList("the JVM");
    cases.addMatching("a full heap while 20 commands end", "lost \\d+\n", jvm("heap"));
    cases.add("a start after a full heap", "0\n", jvm("after-heap"));
    cases.add("no free descriptor", "IOException, then 0\n", jvm("descriptors"));
    cases.addMatching(
        "no descriptor is left by failures for lack of them",
        "same\n|\\d+ instead of \\d+\n",
        jvm("descriptors-left"));
    cases.add("a command in a shutdown hook", "hook: word\n", jvm("hook"));
    cases.add("a shutdown hook that destroys", "143\n", jvm("hook-destroys"));
    cases.add("a running command does not keep the JVM", "runs\n", jvm("leaves"));
    cases.add(
        "a command outlives the JVM",
        "runs",
        way -> {
          String pid = run(way, "leaves-pid").strip();
          ProcessHandle handle = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
          boolean alive = handle.isAlive();
          handle.destroyForcibly();
          return alive ? "runs" : "gone";
        });
    return cases.list();
  }

  private static ConformanceCase.Body jvm(String scenario) {
    return way -> run(way, scenario);
  }

  private static String run(Way way, String scenario) throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Path error = way.directory().resolve("error");
    Process process =
        new ProcessBuilder(
                List.of(
                    "/bin/sh",
                    "-c",
                    "ulimit -n 160; exec \"$@\"",
                    "sh",
                    java,
                    "-Xmx16m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:-MaxFDLimit",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ConformanceJvm.class.getName(),
                    way.toString(),
                    way.directory().toString(),
                    way.root().toString(),
                    scenario))
            .redirectError(error.toFile())
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? text : text + Files.readString(error);
  }
}
