// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What is known of a running command, and what is told of its end. */
final class HandleCases {
  private HandleCases() {}

  private interface Look {
    Object at(Process process) throws Exception;
  }

  private static ConformanceCase.Body running(Look look) {
    return way -> {
      Process process = way.shell("echo; read go; exit 6").start();
      process.getInputStream().read();
      try {
        return look.at(process);
      } finally {
        process.getOutputStream().close();
        process.waitFor(20, TimeUnit.SECONDS);
      }
    };
  }

  private static ConformanceCase.Body ended(Look look) {
    return way -> {
      Process process = way.shell("exit 6").start();
      process.waitFor();
      return look.at(process);
    };
  }

  static List<ConformanceCase> all() {
    CaseList cases = new CaseList("handles");
    onExit(cases);
    handles(cases);
    children(cases);
    return cases.list();
  }

  private static void onExit(CaseList cases) {
    cases.add("onExit is not done before", "false", running(p -> p.onExit().isDone()));
    cases.add(
        "onExit gives the process",
        "true 6",
        way -> {
          Process process = way.shell("exit 6").start();
          Process given = process.onExit().get(20, TimeUnit.SECONDS);
          return (given == process) + " " + given.exitValue();
        });
    cases.add(
        "onExit of one that has ended",
        "6",
        ended(p -> p.onExit().get(20, TimeUnit.SECONDS).exitValue()));
    cases.add(
        "onExit, several times",
        "true true",
        way -> {
          Process process = way.shell("read go").start();
          List<CompletableFuture<Process>> all = Stream.generate(process::onExit).limit(5).toList();
          process.getOutputStream().close();
          for (CompletableFuture<Process> one : all) {
            one.get(20, TimeUnit.SECONDS);
          }
          return (all.get(0) != all.get(1)) + " " + !process.isAlive();
        });
    cases.add(
        "cancelling a future does not end the command",
        "true true",
        running(
            p -> {
              CompletableFuture<Process> future = p.onExit();
              return future.cancel(true) + " " + p.isAlive();
            }));
    cases.add(
        "completing a future does not end the command",
        "true",
        running(
            p -> {
              p.onExit().complete(p);
              return p.isAlive();
            }));
    cases.add(
        "a dependent that fails does not matter",
        "6",
        way -> {
          Process process = way.shell("read go; exit 6").start();
          process
              .onExit()
              .thenRun(
                  () -> {
                    throw new IllegalStateException("of the test");
                  });
          process.getOutputStream().close();
          return process.waitFor();
        });
    cases.add(
        "a dependent that starts another command",
        "7",
        way -> {
          Process process = way.shell("read go").start();
          CompletableFuture<String> next =
              process
                  .onExit()
                  .thenApplyAsync(
                      ended -> Way.outcome(() -> way.shell("exit 7").start().waitFor()));
          process.getOutputStream().close();
          return next.get(20, TimeUnit.SECONDS);
        });
    cases.add(
        "a dependent sees the end",
        "false 6",
        way -> {
          Process process = way.shell("read go; exit 6").start();
          CompletableFuture<String> seen =
              process.onExit().thenApply(p -> p.isAlive() + " " + p.exitValue());
          process.getOutputStream().close();
          return seen.get(20, TimeUnit.SECONDS);
        });
    cases.add(
        "onExit of the handle",
        "true",
        way -> {
          Process process = way.shell("read go").start();
          CompletableFuture<ProcessHandle> future = process.toHandle().onExit();
          process.getOutputStream().close();
          return future.get(20, TimeUnit.SECONDS).equals(process.toHandle());
        });
  }

  private static void handles(CaseList cases) {
    cases.add(
        "the process id is the command's own",
        "true",
        way -> {
          Process process = way.shell("echo $$").start();
          return Long.parseLong(Way.text(process).strip()) == process.pid();
        });
    cases.add(
        "the handle has the same process id", "true", running(p -> p.toHandle().pid() == p.pid()));
    cases.add(
        "the handle, again",
        "true true",
        running(p -> p.toHandle().equals(p.toHandle()) + " " + p.toHandle().isAlive()));
    cases.add(
        "the handle of the process id",
        "true",
        running(p -> ProcessHandle.of(p.pid()).orElseThrow().equals(p.toHandle())));
    cases.add("the handle of one that has ended", "false", ended(p -> p.toHandle().isAlive()));
    cases.add(
        "it is a child of the JVM",
        "true",
        running(p -> ProcessHandle.current().children().anyMatch(p.toHandle()::equals)));
    cases.add(
        "its parent is the JVM",
        "true",
        running(p -> p.toHandle().parent().orElseThrow().equals(ProcessHandle.current())));
    cases.add(
        "the command sees the JVM as its parent",
        "true",
        way ->
            Way.text(way.shell("echo $PPID").start())
                .strip()
                .equals(String.valueOf(ProcessHandle.current().pid())));
    cases.add(
        "info: command",
        "busybox",
        running(p -> java.nio.file.Path.of(p.info().command().orElseThrow()).getFileName()));
    cases.add(
        "info: arguments",
        "[sh, -c, echo; read go; exit 6, sh]",
        running(p -> List.of(p.info().arguments().orElseThrow())));
    cases.add(
        "info: user", System.getProperty("user.name"), running(p -> p.info().user().orElseThrow()));
    cases.add(
        "info: start",
        "true",
        running(
            p ->
                Duration.between(p.info().startInstant().orElseThrow(), Instant.now())
                        .abs()
                        .toSeconds()
                    < 10));
    cases.add("info: CPU time", "true", running(p -> p.info().totalCpuDuration().isPresent()));
    cases.add("info of one that has ended", "false", ended(p -> p.info().command().isPresent()));
    cases.add(
        "isAlive of the handle",
        "true false",
        way -> {
          Process process = way.shell("read go").start();
          boolean before = process.toHandle().isAlive();
          process.getOutputStream().close();
          process.waitFor();
          return before + " " + process.toHandle().isAlive();
        });
    cases.add(
        "toString has the process id",
        "true",
        running(p -> p.toString().contains("pid=" + p.pid())));
    cases.add("toString has the exit status", "true", ended(p -> p.toString().contains("6")));
    cases.add(
        "two commands are not equal",
        "false",
        way -> {
          Process one = way.shell(":").start();
          Process other = way.shell(":").start();
          one.waitFor();
          other.waitFor();
          return one.equals(other);
        });
    cases.add(
        "no zombie is left",
        "0",
        way -> {
          for (int i = 0; i < 10; i++) {
            way.shell(":").start().waitFor();
          }
          return ProcessHandle.current()
              .children()
              .filter(child -> child.info().command().isEmpty())
              .count();
        });
  }

  private static void children(CaseList cases) {
    cases.add(
        "children",
        "1",
        way -> {
          Process process = way.shell("/bin/busybox sleep 60 & echo; wait").start();
          process.getInputStream().read();
          List<ProcessHandle> children = process.children().toList();
          children.forEach(ProcessHandle::destroyForcibly);
          process.waitFor();
          return children.size();
        });
    cases.add("children of one that has none", "0", running(p -> p.children().count()));
    cases.add("children of one that has ended", "0", ended(p -> p.children().count()));
    cases.add(
        "descendants",
        "2",
        way -> {
          Process process = way.shell("(/bin/busybox sleep 60 & echo; wait) & wait").start();
          process.getInputStream().read();
          List<ProcessHandle> all = process.descendants().toList();
          all.forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly().waitFor();
          return all.size();
        });
    cases.add("descendants of one that has ended", "0", ended(p -> p.descendants().count()));
    cases.add(
        "a child's parent",
        "true",
        way -> {
          Process process = way.shell("/bin/busybox sleep 60 & echo; wait").start();
          process.getInputStream().read();
          ProcessHandle child = process.children().findFirst().orElseThrow();
          boolean same = child.parent().orElseThrow().equals(process.toHandle());
          child.destroyForcibly();
          process.waitFor();
          return same;
        });
  }
}
