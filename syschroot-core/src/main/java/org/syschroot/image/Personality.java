// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * An execution domain of personality(2): a domain and flags, by the names of setarch(8). {@code
 * linux32} makes uname(2) of a 64-bit kernel say i686. Immutable.
 *
 * @param bits the argument of personality(2)
 */
public record Personality(long bits) {
  private static final long DOMAIN_MASK = 0xff;
  private static final Map<String, Long> DOMAINS = new LinkedHashMap<>();
  private static final Map<String, Long> FLAGS = new LinkedHashMap<>();

  // linux/personality.h
  static {
    DOMAINS.put("linux", 0L);
    DOMAINS.put("linux32", 0x8L);
    FLAGS.put("uname26", 0x20000L);
    FLAGS.put("addr-no-randomize", 0x40000L);
    FLAGS.put("fdpic-funcptrs", 0x80000L);
    FLAGS.put("mmap-page-zero", 0x100000L);
    FLAGS.put("addr-compat-layout", 0x200000L);
    FLAGS.put("read-implies-exec", 0x400000L);
    FLAGS.put("32bit", 0x800000L);
    FLAGS.put("short-inode", 0x1000000L);
    FLAGS.put("whole-seconds", 0x2000000L);
    FLAGS.put("sticky-timeouts", 0x4000000L);
    FLAGS.put("3gb", 0x8000000L);
  }

  /**
   * Returns the combination of names, at most one of them a domain; without one, the domain is
   * {@code linux}.
   *
   * @throws IllegalArgumentException if a name is unknown, or two domains are named
   */
  public static Personality of(List<String> names) {
    long bits = 0;
    String domain = null;
    for (String name : names) {
      if (DOMAINS.containsKey(name)) {
        if (domain != null && !domain.equals(name)) {
          throw new IllegalArgumentException(
              "\"" + domain + "\" and \"" + name + "\" are both domains: name one");
        }
        domain = name;
        bits |= DOMAINS.get(name);
      } else if (FLAGS.containsKey(name)) {
        bits |= FLAGS.get(name);
      } else {
        throw new IllegalArgumentException(
            "\"" + name + "\" is not a personality: allowed are " + knownNames());
      }
    }
    return new Personality(bits);
  }

  private static String knownNames() {
    return String.join(", ", DOMAINS.keySet()) + ", " + String.join(", ", FLAGS.keySet());
  }

  /** Returns the names of domain and flags, joined by a blank, such as {@code linux32 uname26}. */
  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(" ");
    long rest = bits;
    for (Map.Entry<String, Long> domain : DOMAINS.entrySet()) {
      if ((bits & DOMAIN_MASK) == domain.getValue()) {
        text.add(domain.getKey());
        rest &= ~DOMAIN_MASK;
      }
    }
    for (Map.Entry<String, Long> flag : FLAGS.entrySet()) {
      if ((bits & flag.getValue()) != 0) {
        text.add(flag.getKey());
        rest &= ~flag.getValue();
      }
    }
    if (rest != 0) {
      text.add("0x" + Long.toHexString(rest));
    }
    return text.toString();
  }
}
