// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Waiting for a command, with a time limit or without, and interrupts. */
final class WaitCases {
  private WaitCases() {}

  /** What is done with a command that runs until its input is closed. */
  private interface Look {
    Object at(Process process) throws Exception;
  }

  private static ConformanceCase.Body running(Look look) {
    return way -> {
      Process process = way.shell("read go; exit 6").start();
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
    CaseList cases = new CaseList("waiting");
    cases.add("1 ms for one that runs", "false", running(p -> p.waitFor(1, TimeUnit.MILLISECONDS)));
    cases.add("1 ns for one that runs", "false", running(p -> p.waitFor(1, TimeUnit.NANOSECONDS)));
    cases.add("no time for one that runs", "false", running(p -> p.waitFor(0, TimeUnit.SECONDS)));
    cases.add(
        "less than no time for one that runs",
        "false",
        running(p -> p.waitFor(-1, TimeUnit.SECONDS)));
    cases.add(
        "at least the time",
        "true",
        running(
            p -> {
              long start = System.nanoTime();
              p.waitFor(20, TimeUnit.MILLISECONDS);
              return System.nanoTime() - start >= 20_000_000;
            }));
    cases.add("no time for one that has ended", "true", ended(p -> p.waitFor(0, TimeUnit.SECONDS)));
    cases.add(
        "less than no time for one that has ended",
        "true",
        ended(p -> p.waitFor(-5, TimeUnit.SECONDS)));
    cases.add(
        "a long time for one that has ended",
        "true",
        ended(p -> p.waitFor(Long.MAX_VALUE, TimeUnit.DAYS)));
    cases.add(
        "the longest time for one that ends",
        "true 6",
        way -> {
          Process process = way.shell("exit 6").start();
          return process.waitFor(Long.MAX_VALUE, TimeUnit.DAYS) + " " + process.exitValue();
        });
    cases.add(
        "a null unit for one that runs", "NullPointerException", running(p -> p.waitFor(1, null)));
    cases.add(
        "a null unit for one that has ended",
        "NullPointerException",
        ended(p -> p.waitFor(1, null)));
    cases.add(
        "interrupted before",
        "InterruptedException false",
        running(
            p -> {
              Thread.currentThread().interrupt();
              return Way.outcome(p::waitFor) + " " + Thread.interrupted();
            }));
    cases.add(
        "interrupted before, with a time limit",
        "InterruptedException false",
        running(
            p -> {
              Thread.currentThread().interrupt();
              return Way.outcome(() -> p.waitFor(10, TimeUnit.SECONDS))
                  + " "
                  + Thread.interrupted();
            }));
    cases.add(
        "interrupted before, no time",
        "false true",
        running(
            p -> {
              Thread.currentThread().interrupt();
              return Way.outcome(() -> p.waitFor(0, TimeUnit.SECONDS)) + " " + Thread.interrupted();
            }));
    cases.add(
        "interrupted before, for one that has ended",
        "6 true",
        ended(
            p -> {
              Thread.currentThread().interrupt();
              return Way.outcome(p::waitFor) + " " + Thread.interrupted();
            }));
    cases.add(
        "interrupted before, with a time limit, for one that has ended",
        "true true",
        ended(
            p -> {
              Thread.currentThread().interrupt();
              return Way.outcome(() -> p.waitFor(1, TimeUnit.SECONDS)) + " " + Thread.interrupted();
            }));
    cases.add(
        "interrupted meanwhile", "InterruptedException", running(WaitCases::interruptedMeanwhile));
    cases.add(
        "the command goes on after an interrupt",
        "true",
        running(
            p -> {
              interruptedMeanwhile(p);
              return p.isAlive();
            }));
    cases.add(
        "the status after an interrupt",
        "6",
        way -> {
          Process process = way.shell("read go; exit 6").start();
          interruptedMeanwhile(process);
          process.getOutputStream().close();
          return process.waitFor();
        });
    cases.add(
        "started by an interrupted thread",
        "6 true",
        way -> {
          Thread.currentThread().interrupt();
          Process process = way.shell("exit 6").start();
          boolean still = Thread.interrupted();
          return process.waitFor() + " " + still;
        });
    cases.add(
        "eight threads",
        "48",
        way -> {
          Process process = way.shell("read go; exit 6").start();
          List<Thread> threads = new java.util.ArrayList<>();
          java.util.concurrent.atomic.AtomicInteger sum =
              new java.util.concurrent.atomic.AtomicInteger();
          for (int i = 0; i < 8; i++) {
            Thread thread =
                new Thread(
                    () -> {
                      try {
                        sum.addAndGet(process.waitFor());
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                    });
            thread.start();
            threads.add(thread);
          }
          process.getOutputStream().close();
          for (Thread thread : threads) {
            thread.join();
          }
          return sum.get();
        });
    return cases.list();
  }

  private static String interruptedMeanwhile(Process process) throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    AtomicReference<String> outcome = new AtomicReference<>();
    Thread waiting =
        new Thread(
            () -> {
              begun.countDown();
              outcome.set(Way.outcome(process::waitFor));
            });
    waiting.start();
    begun.await();
    while (waiting.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    waiting.interrupt();
    waiting.join();
    return outcome.get();
  }
}
