// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program of {@link JvmCases}. */
final class ConformanceJvm {
  private static final int PATIENCE_SECONDS = 5;

  private static volatile boolean over;
  private static volatile int shortages;

  private ConformanceJvm() {}

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[1]);
    Path root = Path.of(arguments[2]);
    Way way = Way.named(arguments[0], directory, root);
    end(way);
    switch (arguments[3]) {
      case "heap":
        System.out.println("lost " + lostToFullHeap(way));
        break;
      case "after-heap":
        lostToFullHeap(way);
        System.out.println(way.shell(":").start().waitFor());
        break;
      case "descriptors":
        withoutDescriptors(way);
        break;
      case "descriptors-left":
        System.out.println(descriptorsAfterFailures(way));
        break;
      case "hook":
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(
                    () ->
                        System.out.println(
                            "hook: " + Way.outcome(() -> way.output("printf word")))));
        break;
      case "hook-destroys":
        Process process = way.shell("exec /bin/busybox sleep 60").start();
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(
                    () -> {
                      process.destroy();
                      System.out.println(Way.outcome(process::waitFor));
                    }));
        break;
      case "leaves":
        Process running =
            way.shell("exec /bin/busybox sleep 2")
                .input(ProcessBuilder.Redirect.INHERIT)
                .output(ProcessBuilder.Redirect.DISCARD)
                .error(ProcessBuilder.Redirect.DISCARD)
                .start();
        System.out.println(running.isAlive() ? "runs" : "ended");
        break;
      default:
        System.out.println(
            way.shell("exec /bin/busybox sleep 60")
                .input(ProcessBuilder.Redirect.INHERIT)
                .output(ProcessBuilder.Redirect.DISCARD)
                .error(ProcessBuilder.Redirect.DISCARD)
                .start()
                .pid());
        break;
    }
  }

  /** Starts a command, and waits until it and its pipes are gone. */
  private static void end(Way way) throws Exception {
    Process process = way.shell(":").start();
    process.getOutputStream().close();
    process.getInputStream().close();
    process.getErrorStream().close();
    process.onExit().get();
  }

  private static int lostToFullHeap(Way way) throws Exception {
    List<Process> all = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      all.add(way.shell("echo output; read go").start());
    }
    Thread hog = new Thread(ConformanceJvm::fill);
    hog.start();
    while (shortages == 0) {
      Thread.onSpinWait();
    }
    for (Process one : all) {
      end(one);
    }
    TimeUnit.MILLISECONDS.sleep(300); // while they end and the heap is full
    over = true;
    hog.join();
    int lost = 0;
    for (Process one : all) {
      end(one);
      lost += one.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) ? 0 : 1;
    }
    return lost;
  }

  private static void end(Process process) {
    try {
      process.getOutputStream().close();
    } catch (IOException | OutOfMemoryError later) {
      // It is tried again.
    }
  }

  private static void fill() {
    while (!over) {
      List<byte[]> objects = new ArrayList<>();
      try {
        while (!over) {
          objects.add(new byte[32]);
        }
      } catch (OutOfMemoryError full) {
        shortages++;
      }
    }
  }

  private static List<Closeable> takeAllDescriptors() {
    List<Closeable> taken = new ArrayList<>();
    try {
      while (true) {
        taken.add(new FileInputStream("/dev/null"));
      }
    } catch (IOException none) {
      return taken;
    }
  }

  /** The last first: a JDK needs a free descriptor to close one of the three standard ones. */
  private static void close(List<Closeable> taken) throws IOException {
    for (int i = taken.size() - 1; i >= 0; i--) {
      taken.get(i).close();
    }
  }

  private static void withoutDescriptors(Way way) throws Exception {
    startWithoutDescriptors(way); // loads the classes
    String outcome = startWithoutDescriptors(way);
    System.out.println(outcome + ", then " + way.shell(":").start().waitFor());
  }

  private static String startWithoutDescriptors(Way way) throws IOException {
    List<Closeable> taken = takeAllDescriptors();
    String outcome = Way.outcome(() -> way.shell(":").start());
    close(taken);
    return outcome;
  }

  private static String descriptorsAfterFailures(Way way) throws Exception {
    failForLackOfDescriptors(way); // JDKs keep some files open that they need then
    int before = free();
    failForLackOfDescriptors(way);
    int after = free();
    return after >= before ? "same" : after + " instead of " + before;
  }

  private static int free() throws IOException {
    List<Closeable> taken = takeAllDescriptors();
    close(taken);
    return taken.size();
  }

  /** Starts with every number of free descriptors up to those that a start takes. */
  private static void failForLackOfDescriptors(Way way) throws Exception {
    List<Closeable> taken = takeAllDescriptors();
    for (int free = 0; free < 10; free++) {
      Way.outcome(
          () -> {
            end(way);
            return "";
          });
      taken.remove(taken.size() - 1).close();
    }
    close(taken);
  }
}
