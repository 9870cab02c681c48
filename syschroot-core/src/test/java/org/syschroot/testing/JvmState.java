// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;

/** What a start must leave as it was, to be compared before and after. Immutable. */
public record JvmState(
    List<String> descriptors,
    Map<String, String> status,
    String links,
    String directory,
    String limits,
    String personality,
    int dumpable,
    String mounts) {
  private static final List<String> LINES =
      List.of(
          "Uid",
          "Gid",
          "Groups",
          "CapInh",
          "CapPrm",
          "CapEff",
          "CapBnd",
          "CapAmb",
          "NoNewPrivs",
          "Umask",
          "SigBlk",
          "SigIgn");

  /** Lets the JDK open what it keeps open for ever. */
  public static void warmUp() {
    new SecureRandom().nextInt();
  }

  /** Looks at this JVM. */
  public static JvmState now() {
    try {
      Path proc = Path.of("/proc/self");
      Map<String, String> status = ProcFiles.status(ProcessHandle.current().pid());
      status.keySet().retainAll(LINES);
      return new JvmState(
          ProcFiles.descriptors(),
          status,
          Files.readSymbolicLink(proc.resolve("root")).toString()
              + Files.readSymbolicLink(proc.resolve("cwd"))
              + Files.readSymbolicLink(proc.resolve("ns/mnt"))
              + Files.readSymbolicLink(proc.resolve("ns/pid_for_children")),
          LinuxKernel.running().getcwd().toString(),
          Files.readString(proc.resolve("limits")),
          Long.toHexString(LinuxKernel.running().personality(0xffffffffL)),
          LinuxProcessCalls.running().dumpable(),
          Files.readString(proc.resolve("mountinfo")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns this JVM's state once it has no descriptor that an earlier state has not and is like it
   * otherwise, or after five seconds. What runs the tests starts processes itself.
   *
   * @return {@code before}, or what differs from it
   */
  public static JvmState settledSince(JvmState before) {
    long deadline = System.nanoTime() + 5_000_000_000L;
    while (true) {
      JvmState now = now();
      boolean same =
          before.descriptors.containsAll(now.descriptors)
              && now.with(before.descriptors).equals(before);
      if (same) {
        return before;
      }
      if (System.nanoTime() > deadline) {
        return now;
      }
      Thread.yield();
    }
  }

  private JvmState with(List<String> others) {
    return new JvmState(others, status, links, directory, limits, personality, dumpable, mounts);
  }

  /** Returns the user of each thread of this JVM, ended ones left out. */
  public static Map<String, String> usersOfThreads() {
    Map<String, String> users = new TreeMap<>();
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      for (Path task : tasks.toList()) {
        try {
          for (String line : Files.readAllLines(task.resolve("status"))) {
            if (line.startsWith("Uid:")) {
              users.put(task.getFileName().toString(), line);
            }
          }
        } catch (IOException ended) {
          continue;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return users;
  }

  /** Returns the children of this JVM, zombies included. */
  public static List<Long> children() {
    return ProcessHandle.current().children().map(ProcessHandle::pid).sorted().toList();
  }
}
