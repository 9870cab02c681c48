// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.archive;

import org.syschroot.images.tree.SourceException;

/** Times as decimal fractions of seconds (pax(1), "mtime"). Not instantiable. */
final class PaxTime {
  private static final int DIGITS = 9;

  private PaxTime() {}

  /** Returns the whole seconds, rounded down. */
  static long seconds(String time) throws SourceException {
    int dot = time.indexOf('.');
    try {
      long seconds = Long.parseLong(dot < 0 ? time : time.substring(0, dot));
      return time.startsWith("-") && nanos(time) > 0 ? seconds - 1 : seconds;
    } catch (NumberFormatException e) {
      throw new SourceException("damaged: \"" + time + "\" is not a time", e);
    }
  }

  /** Returns what is to be added to the seconds. */
  static int nanoseconds(String time) throws SourceException {
    int nanos = nanos(time);
    return time.startsWith("-") && nanos > 0 ? 1_000_000_000 - nanos : nanos;
  }

  private static int nanos(String time) throws SourceException {
    int dot = time.indexOf('.');
    if (dot < 0) {
      return 0;
    }
    int nanos = 0;
    for (int i = 1; i <= DIGITS; i++) {
      int digit = dot + i < time.length() ? time.charAt(dot + i) - '0' : 0;
      if (digit < 0 || digit > 9) {
        throw new SourceException("damaged: \"" + time + "\" is not a time");
      }
      nanos = nanos * 10 + digit;
    }
    return nanos;
  }
}
