// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.nio.ByteBuffer;

/**
 * Finds the tag of a syslog message: the program's name in {@code <13>Nov 24 12:00:00 sshd[42]: x},
 * RFC 3164, or in {@code <13>1 2026-11-24T12:00:00Z host sshd 42 - - x}, RFC 5424.
 */
final class MessageTag {
  private static final int LONGEST_PRIORITY = 5; // <191>
  private static final int LONGEST_TAG = 48; // as the APP-NAME of RFC 5424
  // Mmm dd hh:mm:ss and a blank, where glibc and logger(1) put it.
  private static final String DATE = "AAA ?9 99:99:99 ";

  private MessageTag() {}

  /**
   * Returns how many bytes of a message come before the end of its tag, or -1 if there is none.
   *
   * @param start where the message begins
   * @param length its length
   */
  static int end(ByteBuffer message, int start, int length) {
    int limit = start + length;
    int at = afterPriority(message, start, limit);
    if (at + 1 < limit && message.get(at) == '1' && message.get(at + 1) == ' ' && at > start) {
      at = afterBlanks(message, at, limit, 3);
    } else {
      at = afterDate(message, at, limit);
    }
    int end = at;
    while (end < limit && end - at <= LONGEST_TAG && isTag(message.get(end))) {
      end++;
    }
    return end == at || end - at > LONGEST_TAG ? -1 : end - start;
  }

  private static boolean isTag(byte b) {
    return b > ' ' && b < 0x7f && b != ':' && b != '[';
  }

  private static int afterPriority(ByteBuffer message, int start, int limit) {
    if (start == limit || message.get(start) != '<') {
      return start;
    }
    int at = start + 1;
    while (at < limit && at - start < LONGEST_PRIORITY && isDigit(message.get(at))) {
      at++;
    }
    return at < limit && message.get(at) == '>' ? at + 1 : start;
  }

  private static int afterBlanks(ByteBuffer message, int from, int limit, int number) {
    int blanks = 0;
    int at = from;
    while (at < limit && blanks < number) {
      if (message.get(at++) == ' ') {
        blanks++;
      }
    }
    return at;
  }

  private static int afterDate(ByteBuffer message, int from, int limit) {
    if (limit - from < DATE.length()) {
      return from;
    }
    for (int i = 0; i < DATE.length(); i++) {
      if (!matches(DATE.charAt(i), message.get(from + i))) {
        return from;
      }
    }
    return from + DATE.length();
  }

  private static boolean matches(char pattern, byte b) {
    return switch (pattern) {
      case 'A' -> (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z');
      case '9' -> isDigit(b);
      case '?' -> b == ' ' || isDigit(b);
      default -> b == pattern;
    };
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }
}
