// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.syschroot.kernel.LinuxProcessCalls;

/** What tests of switched processes look at. */
public final class ProcFiles {
  private ProcFiles() {}

  public static void assumeRootAndBusybox() {
    boolean root = LinuxProcessCalls.running().effectiveUid() == 0;
    if (Boolean.getBoolean("syschroot.tests.mustRun") && !(root && BusyboxImage.isAvailable())) {
      throw new AssertionError("needs root, and busybox in /bin");
    }
    Assumptions.assumeTrue(root, "needs root");
    Assumptions.assumeTrue(BusyboxImage.isAvailable(), "needs a static busybox in /bin");
  }

  /**
   * Returns the JVM's open descriptors with what they lead to, without that of the listing, and
   * without those that HotSpot opens when it likes: jars, when a class is first needed, and what
   * its control group tells of memory.
   */
  public static List<String> descriptors() {
    List<String> open = new ArrayList<>();
    for (String number : descriptors(ProcessHandle.current().pid())) {
      try {
        Path target = Files.readSymbolicLink(Path.of("/proc/self/fd", number));
        if (!target.toString().endsWith(".jar") && !target.startsWith("/sys/fs/cgroup")) {
          open.add(number + " " + target);
        }
      } catch (IOException closed) {
        continue;
      }
    }
    return open;
  }

  public static List<String> descriptors(long pid) {
    return Arrays.stream(new java.io.File("/proc/" + pid + "/fd").list()).sorted().toList();
  }

  public static int descriptorOf(Path file) throws IOException {
    try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
      return links
          .filter(link -> leadsTo(link, file))
          .mapToInt(link -> Integer.parseInt(link.getFileName().toString()))
          .findFirst()
          .getAsInt();
    }
  }

  /** Returns the root directory of a process, or {@code /} if it has ended. */
  public static Path rootOf(long pid) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/" + pid + "/root"));
    } catch (IOException ended) {
      return Path.of("/");
    }
  }

  private static boolean leadsTo(Path link, Path file) {
    try {
      return Files.readSymbolicLink(link).equals(file.toRealPath());
    } catch (IOException gone) {
      return false;
    }
  }

  /** Returns {@code /proc/PID/status}, with single blanks between numbers. */
  public static Map<String, String> status(long pid) {
    Map<String, String> status = new TreeMap<>();
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        int colon = line.indexOf(':');
        status.put(line.substring(0, colon), line.substring(colon + 1).strip().replace('\t', ' '));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return status;
  }
}
