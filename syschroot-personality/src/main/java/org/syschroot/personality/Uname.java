// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Machine;

/**
 * What uname(2) tells a process, and with it {@code uname -a}. Immutable and thread-safe.
 *
 * <pre>{@code
 * Uname.running().under(Personality.of(List.of("linux32"))).machine() // i686
 * }</pre>
 *
 * @param sysname the operating system, {@code Linux}
 * @param nodename the host name
 * @param release the release of the kernel, such as {@code 6.1.0-18-amd64}
 * @param version how and when the kernel was built
 * @param machine the processor, such as {@code x86_64}
 */
public record Uname(
    String sysname, String nodename, String release, String version, String machine) {
  private static final Path KERNEL = Path.of("/proc/sys/kernel");
  // What utsname(2) can hold, new_utsname of linux/utsname.h.
  private static final int LONGEST = 64;

  /**
   * Returns what the running kernel tells a process of no particular personality. It is read from
   * {@code /proc/sys/kernel}, which is the same for every personality.
   *
   * @throws IOException if it cannot be read
   * @throws IllegalStateException on a machine that syschroot does not run on
   */
  public static Uname running() throws IOException {
    return new Uname(
        line("ostype"),
        line("hostname"),
        line("osrelease"),
        line("version"),
        Machine.current().name().toLowerCase(Locale.ROOT));
  }

  private static String line(String name) throws IOException {
    byte[] bytes = Files.readAllBytes(KERNEL.resolve(name));
    return new String(bytes, StandardCharsets.UTF_8).stripTrailing();
  }

  /**
   * Returns what the same kernel tells a process of a personality: {@code uname26} changes the
   * release and {@code linux32} the machine (override_release and override_architecture in
   * kernel/sys.c), and nothing else changes anything.
   */
  public Uname under(Personality personality) {
    return new Uname(
        sysname,
        nodename,
        personality.has("uname26") ? uname26(release) : release,
        version,
        personality.isLinux32() ? narrow(machine) : machine);
  }

  /**
   * Returns a release as {@code UNAME26} shows it: 3.x as 2.6.(40+x), from 4.0 on V.x as 2.6.(60+x)
   * whatever V is, with the rest behind the third number kept. A release that is not numbers of at
   * least two parts, or begins with 2, is returned as it is: the kernel goes by its version number,
   * which no longer shows there.
   */
  static String uname26(String release) {
    int end = 0;
    int dots = 0;
    while (end < release.length()) {
      char c = release.charAt(end);
      if (c == '.' ? ++dots >= 3 : c < '0' || c > '9') {
        break;
      }
      end++;
    }
    String[] numbers = release.substring(0, end).split("\\.");
    try {
      int major = Integer.parseInt(numbers[0]);
      if (major < 3) {
        return release;
      }
      int minor = Integer.parseInt(numbers[1]) + (major == 3 ? 40 : 60);
      String shown = "2.6." + minor + release.substring(end);
      return shown.substring(0, Math.min(shown.length(), LONGEST));
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return release;
    }
  }

  /** Returns the machine of the 32-bit programs of a 64-bit one: COMPAT_UTS_MACHINE. */
  public static String narrow(String machine) {
    return switch (machine) {
      case "x86_64" -> "i686";
      case "aarch64" -> "armv8l";
      case "aarch64_be" -> "armv8b";
      case "ppc64" -> "ppc";
      case "ppc64le" -> "ppcle";
      case "s390x" -> "s390";
      case "mips64" -> "mips";
      case "sparc64" -> "sparc";
      case "parisc64" -> "parisc";
      case "riscv64" -> "riscv";
      default -> machine;
    };
  }

  /** Returns the processor, {@code uname -p}, in a dialect of uname(1). */
  public String processor(UnameDialect dialect) {
    return dialect == UnameDialect.RED_HAT ? machine : UnameDialect.UNKNOWN;
  }

  /** Returns the hardware platform, {@code uname -i}, in a dialect of uname(1). */
  public String hardwarePlatform(UnameDialect dialect) {
    if (dialect != UnameDialect.RED_HAT) {
      return UnameDialect.UNKNOWN;
    }
    return machine.matches("i[4-6]86") ? "i386" : machine;
  }

  /** Returns the operating system, {@code uname -o}. */
  public String operatingSystem() {
    return "GNU/" + sysname;
  }

  /** Returns the line that {@code uname -a} prints in a dialect, without the line feed. */
  public String all(UnameDialect dialect) {
    StringBuilder line = new StringBuilder();
    line.append(String.join(" ", sysname, nodename, release, version, machine));
    // GNU uname leaves out of -a what it does not know.
    for (String word : new String[] {processor(dialect), hardwarePlatform(dialect)}) {
      if (!word.equals(UnameDialect.UNKNOWN)) {
        line.append(' ').append(word);
      }
    }
    return line.append(' ').append(operatingSystem()).toString();
  }
}
