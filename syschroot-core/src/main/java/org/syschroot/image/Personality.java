// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A personality as in personality(2): a domain and flags, with the names of setarch(8), or those of
 * personality(2) in lower case. {@code linux32} makes uname(2) of a 64-bit kernel say i686.
 * Immutable.
 *
 * @param bits the argument of personality(2)
 */
public record Personality(long bits) {
  private static final long ONLY_ASKS = 0xffffffffL;
  private static final long DOMAIN_MASK = 0xff;
  private static final long LINUX32 = 0x8;
  private static final long SHORT_INODE = 0x1000000L;
  private static final long WHOLE_SECONDS = 0x2000000L;
  private static final long STICKY_TIMEOUTS = 0x4000000L;
  private static final long MMAP_PAGE_ZERO = 0x100000L;

  /** The domains, some of which have flags of their own; the first of equal ones is shown. */
  private static final Map<String, Long> DOMAINS = new LinkedHashMap<>();

  private static final Map<String, Long> FLAGS = new LinkedHashMap<>();

  // linux/personality.h
  static {
    DOMAINS.put("linux", 0L);
    DOMAINS.put("linux64", 0L);
    DOMAINS.put("linux32", LINUX32);
    DOMAINS.put("svr4", 0x1 | STICKY_TIMEOUTS | MMAP_PAGE_ZERO);
    DOMAINS.put("svr3", 0x2 | STICKY_TIMEOUTS | SHORT_INODE);
    DOMAINS.put("scosvr3", 0x3 | STICKY_TIMEOUTS | WHOLE_SECONDS | SHORT_INODE);
    DOMAINS.put("osr5", 0x3 | STICKY_TIMEOUTS | WHOLE_SECONDS);
    DOMAINS.put("wysev386", 0x4 | STICKY_TIMEOUTS | SHORT_INODE);
    DOMAINS.put("iscr4", 0x5 | STICKY_TIMEOUTS);
    DOMAINS.put("sunos", 0x6 | STICKY_TIMEOUTS);
    DOMAINS.put("bsd", 0x6L);
    DOMAINS.put("xenix", 0x7 | STICKY_TIMEOUTS | SHORT_INODE);
    DOMAINS.put("irix32", 0x9 | STICKY_TIMEOUTS);
    DOMAINS.put("irixn32", 0xa | STICKY_TIMEOUTS);
    DOMAINS.put("irix64", 0xb | STICKY_TIMEOUTS);
    DOMAINS.put("riscos", 0xcL);
    DOMAINS.put("solaris", 0xd | STICKY_TIMEOUTS);
    DOMAINS.put("uw7", 0xe | STICKY_TIMEOUTS | MMAP_PAGE_ZERO);
    DOMAINS.put("osf4", 0xfL);
    DOMAINS.put("hpux", 0x10L);
    FLAGS.put("uname26", 0x20000L);
    FLAGS.put("addr-no-randomize", 0x40000L);
    FLAGS.put("fdpic-funcptrs", 0x80000L);
    FLAGS.put("mmap-page-zero", MMAP_PAGE_ZERO);
    FLAGS.put("addr-compat-layout", 0x200000L);
    FLAGS.put("read-implies-exec", 0x400000L);
    FLAGS.put("32bit", 0x800000L);
    FLAGS.put("short-inode", SHORT_INODE);
    FLAGS.put("whole-seconds", WHOLE_SECONDS);
    FLAGS.put("sticky-timeouts", STICKY_TIMEOUTS);
    FLAGS.put("3gb", 0x8000000L);
    FLAGS.put("4gb", 0L); // as in setarch(8): the default, said aloud
  }

  /**
   * Checks the argument.
   *
   * @throws IllegalArgumentException if it has more than 32 bits, or is 0xffffffff, by which
   *     personality(2) only asks
   */
  public Personality {
    if (bits < 0 || bits >= ONLY_ASKS) {
      throw new IllegalArgumentException("0x" + Long.toHexString(bits) + " is not a personality");
    }
  }

  /**
   * Returns the combination of names, at most one of them a domain; without one, the domain is
   * {@code linux}.
   *
   * @throws IllegalArgumentException if a name is unknown or no personality, if two domains are
   *     named, or flags that exclude each other; the message says what is allowed
   */
  public static Personality of(List<String> names) {
    long bits = 0;
    String domain = null;
    for (String name : names) {
      if (DOMAINS.containsKey(name)) {
        if (domain != null && !domain.equals(name)) {
          throw new IllegalArgumentException(
              "\"" + domain + "\" and \"" + name + "\" are both domains: choose one");
        }
        domain = name;
        bits |= DOMAINS.get(name);
      } else if (FLAGS.containsKey(name)) {
        bits |= FLAGS.get(name);
      } else {
        throw new IllegalArgumentException(unknown(name));
      }
    }
    if (names.contains("3gb") && names.contains("4gb")) {
      throw new IllegalArgumentException(
          "\"3gb\" and \"4gb\" exclude each other: choose one limit of the address space");
    }
    return new Personality(bits);
  }

  private static String unknown(String name) {
    String domain =
        switch (name) {
          case "i386", "i486", "i586", "i686", "athlon", "arm", "armv7l", "armv8l" -> "linux32";
          case "x86_64", "amd64", "aarch64", "arm64" -> "linux64";
          case "uname-2.6" -> "uname26";
          default -> "";
        };
    if (!domain.isEmpty()) {
      return "\"" + name + "\" is not a personality: use \"" + domain + "\"";
    }
    return "\""
        + name
        + "\" is not a personality: allowed are the domains "
        + String.join(", ", DOMAINS.keySet())
        + " and the flags "
        + String.join(", ", FLAGS.keySet());
  }

  /** Returns whether a name is that of a flag, and not of a domain. */
  public static boolean isFlag(String name) {
    return FLAGS.containsKey(name);
  }

  /** Returns whether uname(2) names the machine of 32-bit programs. */
  public boolean isLinux32() {
    return (bits & DOMAIN_MASK) == LINUX32;
  }

  /**
   * Returns whether a flag is set.
   *
   * @param flag its name, such as {@code uname26}
   * @throws IllegalArgumentException if there is no flag of the name
   */
  public boolean has(String flag) {
    Long bit = FLAGS.get(flag);
    if (bit == null) {
      throw new IllegalArgumentException("\"" + flag + "\" is not a flag");
    }
    return (bits & bit) != 0;
  }

  /**
   * Returns the names of domain and flags, the domain first: {@code linux32}, {@code uname26}. Bits
   * without a name are a hexadecimal number.
   */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    long rest = bits;
    for (Map.Entry<String, Long> domain : DOMAINS.entrySet()) {
      long value = domain.getValue();
      if ((bits & DOMAIN_MASK) == (value & DOMAIN_MASK) && (bits & value) == value) {
        names.add(domain.getKey());
        rest &= ~value;
        break;
      }
    }
    for (Map.Entry<String, Long> flag : FLAGS.entrySet()) {
      if ((rest & flag.getValue()) != 0) {
        names.add(flag.getKey());
        rest &= ~flag.getValue();
      }
    }
    if (rest != 0) {
      names.add("0x" + Long.toHexString(rest));
    }
    return names;
  }

  /** Returns the names of domain and flags, joined by a blank, such as {@code linux32 uname26}. */
  @Override
  public String toString() {
    return String.join(" ", names());
  }
}
