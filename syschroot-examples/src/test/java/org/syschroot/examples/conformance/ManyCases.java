// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Many commands at once, from threads of every kind. */
final class ManyCases {
  private ManyCases() {}

  static List<ConformanceCase> all() {
    CaseList cases = new CaseList("many at once");
    cases.add(
        "50 that wait, each with its own answer",
        "1225",
        way -> {
          List<Process> all = new ArrayList<>();
          for (int i = 0; i < 50; i++) {
            all.add(way.shell("read go; echo " + i).start());
          }
          int sum = 0;
          for (Process one : all) {
            one.getOutputStream().close();
            sum += Integer.parseInt(Way.text(one).strip());
          }
          return sum;
        });
    cases.add("8 threads, 10 each", "80", way -> sum(Executors.newFixedThreadPool(8), way, 80));
    cases.add(
        "8 threads that read and write",
        "true",
        way -> {
          ExecutorService pool = Executors.newFixedThreadPool(8);
          List<Future<Boolean>> all = new ArrayList<>();
          for (int i = 0; i < 16; i++) {
            String text = "line of " + i + "\n";
            all.add(
                pool.submit(
                    () -> {
                      Process process = way.run(Way.BUSYBOX, "cat").start();
                      Way.write(process, text);
                      process.getOutputStream().close();
                      return Way.text(process).equals(text);
                    }));
          }
          boolean right = true;
          for (Future<Boolean> one : all) {
            right &= one.get();
          }
          pool.shutdown();
          return right;
        });
    cases.add(
        "virtual threads that start and wait, or platform threads before Java 21",
        "40",
        way -> sum(virtual(), way, 40));
    cases.add(
        "virtual threads that read what comes late",
        "40",
        way -> {
          ExecutorService pool = virtual();
          List<Future<Integer>> all = new ArrayList<>();
          for (int i = 0; i < 40; i++) {
            all.add(
                pool.submit(
                    () -> {
                      Process process = way.shell("/bin/busybox sleep 0.05; printf x").start();
                      return process.getInputStream().readAllBytes().length;
                    }));
          }
          int sum = 0;
          for (Future<Integer> one : all) {
            sum += one.get(20, TimeUnit.SECONDS);
          }
          pool.shutdown();
          return sum;
        });
    cases.add(
        "a virtual thread that is interrupted",
        "InterruptedException",
        way -> {
          Process process = way.shell("read go").start();
          ExecutorService pool = virtual();
          Future<String> waiter = pool.submit(() -> Way.outcome(process::waitFor));
          pool.shutdownNow();
          String outcome = pool.awaitTermination(20, TimeUnit.SECONDS) ? waiter.get() : "waits";
          process.getOutputStream().close();
          process.waitFor();
          return outcome;
        });
    cases.add(
        "in the common pool",
        "20",
        way -> {
          List<CompletableFuture<Integer>> all = new ArrayList<>();
          for (int i = 0; i < 20; i++) {
            all.add(
                CompletableFuture.supplyAsync(
                    () ->
                        "1".equals(Way.outcome(() -> way.shell("exit 1").start().waitFor()))
                            ? 1
                            : 0));
          }
          int sum = 0;
          for (CompletableFuture<Integer> one : all) {
            sum += one.get(20, TimeUnit.SECONDS);
          }
          return sum;
        });
    cases.add(
        "in a daemon thread, and in a thread group that is destroyed",
        "3",
        way -> {
          String[] outcome = new String[1];
          Thread thread =
              new Thread(
                  new ThreadGroup("short-lived"),
                  () -> outcome[0] = Way.outcome(() -> way.shell("exit 3").start().waitFor()));
          thread.setDaemon(true);
          thread.start();
          thread.join();
          return outcome[0];
        });
    cases.add(
        "a context class loader is kept from no thread of the JVM",
        "true",
        way -> {
          ClassLoader before = Thread.currentThread().getContextClassLoader();
          way.shell(":").start().waitFor();
          return Thread.currentThread().getContextClassLoader() == before;
        });
    cases.add(
        "threads that are left",
        "true",
        way -> {
          way.shell(":").start().waitFor();
          int before = Thread.activeCount();
          for (int i = 0; i < 20; i++) {
            way.shell(":").start().waitFor();
          }
          return Thread.activeCount() <= before + 2;
        });
    return cases.list();
  }

  private static int sum(ExecutorService pool, Way way, int count) throws Exception {
    List<Callable<Integer>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(() -> way.shell("exit 1").start().waitFor());
    }
    int sum = 0;
    for (Future<Integer> one : pool.invokeAll(all)) {
      sum += one.get();
    }
    pool.shutdown();
    return sum;
  }

  /** Returns a pool of virtual threads, or before Java 21 one of others. */
  private static ExecutorService virtual() throws Exception {
    try {
      Method maker = Executors.class.getMethod("newVirtualThreadPerTaskExecutor");
      return (ExecutorService) maker.invoke(null);
    } catch (NoSuchMethodException beforeJava21) {
      return Executors.newCachedThreadPool();
    }
  }
}
