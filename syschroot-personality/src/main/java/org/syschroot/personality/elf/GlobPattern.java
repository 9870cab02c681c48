// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

/**
 * A shell wildcard for one file name (glob(7)): star, question mark, brackets and backslash.
 *
 * <p>Written out rather than turned into a regular expression, which takes exponential time on a
 * pattern with many stars. Immutable and thread-safe.
 */
final class GlobPattern {
  private final String pattern;

  GlobPattern(String pattern) {
    this.pattern = pattern;
  }

  /** Says whether a name has to be looked for in the directory. */
  static boolean isWildcard(String name) {
    return name.chars().anyMatch(c -> c == '*' || c == '?' || c == '[' || c == '\\');
  }

  /** Matches a whole name; a leading dot must be there in the pattern too. */
  boolean matches(String name) {
    if (name.startsWith(".") && !pattern.startsWith(".")) {
      return false;
    }
    int at = 0;
    int in = 0;
    // Going back to the last star only is enough: what an earlier one took can stay.
    int star = -1;
    int retry = 0;
    while (in < name.length()) {
      if (at < pattern.length() && pattern.charAt(at) == '*') {
        star = at++;
        retry = in;
        continue;
      }
      int length = at < pattern.length() ? matchOne(at, name.charAt(in)) : 0;
      if (length > 0) {
        at += length;
        in++;
      } else if (star >= 0) {
        at = star + 1;
        in = ++retry;
      } else {
        return false;
      }
    }
    while (at < pattern.length() && pattern.charAt(at) == '*') {
      at++;
    }
    return at == pattern.length();
  }

  /** Returns how long the part of the pattern is that matches the character, 0 if it does not. */
  private int matchOne(int at, char c) {
    char first = pattern.charAt(at);
    if (first == '?') {
      return 1;
    }
    if (first == '\\' && at + 1 < pattern.length()) {
      return pattern.charAt(at + 1) == c ? 2 : 0;
    }
    if (first == '[') {
      int close = closingBracket(at);
      if (close > 0) {
        return inBrackets(at + 1, close, c) ? close + 1 - at : 0;
      }
    }
    return first == c ? 1 : 0;
  }

  private int closingBracket(int open) {
    int from = open + 1;
    if (from < pattern.length() && isNegation(pattern.charAt(from))) {
      from++;
    }
    return pattern.indexOf(']', from + 1); // a bracket in first place stands for itself
  }

  private boolean inBrackets(int from, int close, char c) {
    boolean negated = isNegation(pattern.charAt(from));
    int i = negated ? from + 1 : from;
    boolean found = false;
    while (i < close) {
      char low = pattern.charAt(i);
      boolean range = i + 2 < close && pattern.charAt(i + 1) == '-';
      char high = range ? pattern.charAt(i + 2) : low;
      found |= low <= c && c <= high;
      i += range ? 3 : 1;
    }
    return found != negated;
  }

  private static boolean isNegation(char c) {
    return c == '!' || c == '^';
  }
}
