// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.glibc;

/**
 * A version of a Debian package, ordered as dpkg does (deb-version(7)). Immutable.
 *
 * @param text the version, such as {@code 2.36-9+deb12u14}
 */
record DebianVersion(String text) implements Comparable<DebianVersion> {
  @Override
  public int compareTo(DebianVersion other) {
    int epochs = Integer.compare(epoch(), other.epoch());
    if (epochs != 0) {
      return epochs;
    }
    int upstream = compare(upstream(), other.upstream());
    return upstream != 0 ? upstream : compare(revision(), other.revision());
  }

  private int epoch() {
    int colon = text.indexOf(':');
    try {
      return colon < 0 ? 0 : Integer.parseInt(text.substring(0, colon));
    } catch (NumberFormatException hostile) {
      return 0;
    }
  }

  private String upstream() {
    String rest = text.substring(text.indexOf(':') + 1);
    int dash = rest.lastIndexOf('-');
    return dash < 0 ? rest : rest.substring(0, dash);
  }

  private String revision() {
    int dash = text.lastIndexOf('-');
    return dash < 0 ? "0" : text.substring(dash + 1);
  }

  /** Compares runs of non-digits and of digits in turn. */
  private static int compare(String a, String b) {
    int i = 0;
    int j = 0;
    while (i < a.length() || j < b.length()) {
      while ((i < a.length() && !isDigit(a, i)) || (j < b.length() && !isDigit(b, j))) {
        int order = Integer.compare(weight(a, i), weight(b, j));
        if (order != 0) {
          return order;
        }
        i++;
        j++;
      }
      int endA = endOfDigits(a, i);
      int endB = endOfDigits(b, j);
      int order = compareNumbers(number(a, i, endA), number(b, j, endB));
      if (order != 0) {
        return order;
      }
      i = endA;
      j = endB;
    }
    return 0;
  }

  /** A tilde is before everything, even the end; letters are before all else. */
  private static int weight(String text, int index) {
    if (index >= text.length() || isDigit(text, index)) {
      return 0;
    }
    char c = text.charAt(index);
    if (c == '~') {
      return -1;
    }
    return Character.isLetter(c) ? c : c + 256;
  }

  private static boolean isDigit(String text, int index) {
    return text.charAt(index) >= '0' && text.charAt(index) <= '9';
  }

  private static int endOfDigits(String text, int start) {
    int end = start;
    while (end < text.length() && isDigit(text, end)) {
      end++;
    }
    return end;
  }

  private static String number(String text, int start, int end) {
    int from = Math.min(start, text.length());
    while (from < end && text.charAt(from) == '0') {
      from++;
    }
    return text.substring(from, Math.max(from, end));
  }

  private static int compareNumbers(String a, String b) {
    return a.length() != b.length() ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
  }

  @Override
  public String toString() {
    return text;
  }
}
