// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Commands that are ended from outside. */
final class DestroyCases {
  private static final String SLEEP = "exec /bin/busybox sleep 60";
  private static final String IGNORE = "trap '' TERM; echo; read go; exit 9";

  private DestroyCases() {}

  static List<ConformanceCase> all() {
    CaseList cases = new CaseList("destroying");
    cases.add(
        "destroy",
        "143",
        way -> {
          Process process = way.shell(SLEEP).start();
          process.destroy();
          return process.waitFor();
        });
    cases.add(
        "destroyForcibly",
        "137 true",
        way -> {
          Process process = way.shell(SLEEP).start();
          boolean same = process.destroyForcibly() == process;
          return process.waitFor() + " " + same;
        });
    cases.add(
        "a command that handles SIGTERM",
        "12",
        way -> {
          Process process =
              way.shell("trap 'exit 12' TERM; echo; while :; do /bin/busybox sleep 0.01; done")
                  .start();
          process.getInputStream().read();
          process.destroy();
          return process.waitFor();
        });
    cases.add(
        "a command that ignores SIGTERM goes on",
        "9",
        way -> {
          Process process = way.shell(IGNORE).start();
          process.getInputStream().read();
          process.destroy();
          return process.waitFor();
        });
    cases.add(
        "a command that ignores SIGTERM, forcibly",
        "137",
        way -> {
          Process process = way.shell("trap '' TERM; echo; exec /bin/busybox sleep 60").start();
          process.getInputStream().read();
          process.destroy();
          return process.destroyForcibly().waitFor();
        });
    cases.add(
        "twice",
        "143",
        way -> {
          Process process = way.shell(SLEEP).start();
          process.destroy();
          process.destroy();
          return process.waitFor();
        });
    cases.add(
        "one that has ended",
        "5",
        way -> {
          Process process = way.shell("exit 5").start();
          process.waitFor();
          process.destroy();
          process.destroyForcibly();
          return process.exitValue();
        });
    cases.add(
        "one that is stopped, forcibly",
        "137",
        way -> {
          Process process = way.shell("kill -STOP $$").start();
          return process.destroyForcibly().waitFor();
        });
    cases.add(
        "supportsNormalTermination",
        "true",
        way -> {
          Process process = way.shell(":").start();
          process.waitFor();
          return process.supportsNormalTermination();
        });
    cases.add(
        "input, output and error afterwards",
        "IOException IOException IOException",
        way -> {
          Process process = way.shell(SLEEP).start();
          process.destroy();
          String outcome =
              Way.outcome(() -> process.getInputStream().read())
                  + " "
                  + Way.outcome(() -> process.getErrorStream().read())
                  + " "
                  + Way.outcome(
                      () -> {
                        Way.write(process, "x");
                        return "written";
                      });
          process.waitFor();
          return outcome;
        });
    cases.add(
        "a thread that reads",
        "ended",
        way -> {
          Process process = way.shell(SLEEP).start();
          CompletableFuture<String> reader =
              CompletableFuture.supplyAsync(
                  () -> {
                    try {
                      process.getInputStream().read();
                    } catch (IOException closed) {
                      return "ended";
                    }
                    return "ended";
                  });
          process.destroy();
          process.waitFor();
          return reader.get(20, TimeUnit.SECONDS);
        });
    cases.add(
        "a thread that waits",
        "143",
        way -> {
          Process process = way.shell(SLEEP).start();
          CompletableFuture<Integer> waiter =
              CompletableFuture.supplyAsync(
                  () -> {
                    try {
                      return process.waitFor();
                    } catch (InterruptedException e) {
                      return -1;
                    }
                  });
          process.destroy();
          return waiter.get(20, TimeUnit.SECONDS);
        });
    cases.add(
        "at once after the start, 30 times",
        "137 only",
        way -> {
          for (int i = 0; i < 30; i++) {
            int status = way.shell(SLEEP).start().destroyForcibly().waitFor();
            if (status != 137) {
              return status;
            }
          }
          return "137 only";
        });
    cases.add(
        "while it ends by itself, 30 times",
        "0 or 143",
        way -> {
          for (int i = 0; i < 30; i++) {
            Process process = way.shell("exit 0").start();
            process.destroy();
            int status = process.waitFor();
            if (status != 0 && status != 143) {
              return status;
            }
          }
          return "0 or 143";
        });
    cases.add(
        "by eight threads at once",
        "137",
        way -> {
          Process process = way.shell(SLEEP).start();
          List<CompletableFuture<Process>> all = new java.util.ArrayList<>();
          for (int i = 0; i < 8; i++) {
            all.add(CompletableFuture.supplyAsync(process::destroyForcibly));
          }
          for (CompletableFuture<Process> one : all) {
            one.get();
          }
          return process.waitFor();
        });
    cases.add(
        "by its handle",
        "UnsupportedOperation no, 143",
        way -> {
          Process process = way.shell(SLEEP).start();
          boolean done = process.toHandle().destroy();
          return "UnsupportedOperation " + (done ? "no" : "yes") + ", " + process.waitFor();
        });
    cases.add(
        "by its handle, forcibly",
        "137",
        way -> {
          Process process = way.shell(SLEEP).start();
          process.toHandle().destroyForcibly();
          return process.waitFor();
        });
    cases.add(
        "its children go on",
        "true",
        way -> {
          Process process = way.shell("/bin/busybox sleep 60 & echo $!; wait").start();
          ProcessHandle child =
              ProcessHandle.of(Long.parseLong(process.inputReader().readLine())).orElseThrow();
          process.destroyForcibly().waitFor();
          boolean alive = child.isAlive();
          child.destroyForcibly();
          return alive;
        });
    cases.add(
        "with all descendants",
        "true",
        way -> {
          Process process =
              way.shell("(/bin/busybox sleep 60; :) & /bin/busybox sleep 60 & echo; wait").start();
          process.getInputStream().read();
          List<ProcessHandle> descendants = process.descendants().toList();
          descendants.forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly().waitFor();
          return descendants.size() >= 2;
        });
    return cases.list();
  }
}
