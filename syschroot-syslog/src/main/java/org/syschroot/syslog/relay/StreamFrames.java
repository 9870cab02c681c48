// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Finds the messages in what a stream connection sends. For one thread.
 *
 * <p>glibc's syslog(3) ends a message with NUL, and the message may contain newlines; logger(1) and
 * others end it with newline. So a connection is of the first kind from the first NUL on, of the
 * second from the first newline at the end of what there is to read without a NUL before it, and
 * until then undecided, and of the second if the sender closes it undecided. A connection that
 * begins with a number, a space and {@code <} counts octets (RFC 6587, 3.4.1): {@code LENGTH SP
 * MESSAGE}, whatever the message contains; from something else in the place of a length on it is of
 * the second kind. Empty messages are none. What is left when the sender closes is one, too.
 */
final class StreamFrames {
  private static final byte[] NOTHING = {};
  private static final int MOST_DIGITS = 9;

  private enum Kind {
    UNDECIDED,
    NUL,
    LINES,
    COUNTED
  }

  /** What the beginning of a connection can be. */
  private enum Beginning {
    COUNT,
    PART_OF_COUNT,
    OTHER
  }

  private final ImageFeed feed;
  private final StreamBudget budget;
  private Kind kind = Kind.UNDECIDED;
  private byte[] begun = NOTHING;
  private int length;
  private boolean isCut;
  // Of a counted message: the digits that were read, their value, and what is missing of it.
  private int digits;
  private int announced;
  private int missing;
  private int pid;
  private long senderStart;
  private int uid;
  private int gid;

  StreamFrames(ImageFeed feed, StreamBudget budget) {
    this.feed = feed;
    this.budget = budget;
  }

  /**
   * Takes what was read, and who sent it.
   *
   * @param mayHaveMore whether there was room for no more, so that the end may be anywhere
   */
  void add(
      ByteBuffer bytes,
      int start,
      int count,
      boolean mayHaveMore,
      int fromPid,
      long fromStart,
      int fromUid,
      int fromGid) {
    pid = fromPid;
    senderStart = fromStart;
    uid = fromUid;
    gid = fromGid;
    int end = start + count;
    if (kind == Kind.UNDECIDED) {
      decide(bytes, start, end, mayHaveMore);
    }
    if (kind == Kind.UNDECIDED) {
      keep(bytes, start, count);
      return;
    }
    if (kind == Kind.COUNTED) {
      counted(bytes, start, end);
      return;
    }
    if (length > 0 && kind == Kind.LINES) {
      splitBegun();
    }
    split(bytes, start, end);
  }

  private void split(ByteBuffer bytes, int start, int end) {
    int from = start;
    for (int i = start; i < end; i++) {
      if (isEnd(bytes.get(i))) {
        finish(bytes, from, i - from);
        from = i + 1;
      }
    }
    keep(bytes, from, end - from);
  }

  /** Takes counted messages, and lines from the first byte on that is not of a count. */
  private void counted(ByteBuffer bytes, int start, int end) {
    int i = start;
    while (i < end) {
      if (missing > 0) {
        int part = Math.min(missing, end - i);
        missing -= part;
        if (missing == 0) {
          finish(bytes, i, part);
        } else {
          keep(bytes, i, part);
        }
        i += part;
      } else if (!isOfCount(bytes.get(i))) {
        kind = Kind.LINES;
        split(bytes, i, end);
        return;
      } else {
        i++;
      }
    }
  }

  /** Takes a byte of a count, or a newline between messages; returns whether it can be one. */
  private boolean isOfCount(byte b) {
    if (b >= '0' && b <= '9' && digits < MOST_DIGITS) {
      announced = 10 * announced + b - '0';
      digits++;
      return true;
    }
    if (b == '\n' && digits == 0) {
      return true;
    }
    if (b == ' ' && digits > 0) {
      missing = announced;
      announced = 0;
      digits = 0;
      return true;
    }
    return false;
  }

  private boolean isEnd(byte b) {
    return b == 0 || (b == '\n' && kind == Kind.LINES);
  }

  private void decide(ByteBuffer bytes, int start, int end, boolean mayHaveMore) {
    Beginning beginning = beginning(bytes, start, end);
    if (beginning == Beginning.PART_OF_COUNT) {
      return;
    }
    if (beginning == Beginning.COUNT) {
      kind = Kind.COUNTED;
      ByteBuffer all = ByteBuffer.wrap(Arrays.copyOf(begun, length));
      clear();
      counted(all, 0, all.limit());
      return;
    }
    for (int i = start; i < end; i++) {
      if (bytes.get(i) == 0) {
        kind = Kind.NUL;
        return;
      }
    }
    if ((!mayHaveMore && bytes.get(end - 1) == '\n')
        || length + end - start > feed.longestMessage()) {
      kind = Kind.LINES;
    }
  }

  /** Looks at what was kept, and what was read: a number that begins with no zero, a space, "<". */
  private Beginning beginning(ByteBuffer bytes, int start, int end) {
    int all = length + end - start;
    for (int i = 0; i < all; i++) {
      byte b = i < length ? begun[i] : bytes.get(start + i - length);
      boolean isDigit = b >= (i == 0 ? '1' : '0') && b <= '9';
      if (isDigit && i < MOST_DIGITS) {
        continue;
      }
      if (b != ' ' || i == 0) {
        return Beginning.OTHER;
      }
      if (i + 1 == all) {
        return Beginning.PART_OF_COUNT;
      }
      int next = i + 1;
      byte first = next < length ? begun[next] : bytes.get(start + next - length);
      return first == '<' ? Beginning.COUNT : Beginning.OTHER;
    }
    return Beginning.PART_OF_COUNT;
  }

  /** Ends the lines in what was kept while it was not known that they are lines. */
  private void splitBegun() {
    byte[] all = Arrays.copyOf(begun, length);
    boolean wasCut = isCut;
    clear();
    ByteBuffer bytes = ByteBuffer.wrap(all);
    int from = 0;
    for (int i = 0; i < all.length; i++) {
      if (all[i] == '\n') {
        finish(bytes, from, i - from);
        from = i + 1;
      }
    }
    keep(bytes, from, all.length - from);
    isCut |= wasCut;
  }

  private void keep(ByteBuffer bytes, int start, int count) {
    int wanted = Math.min(count, feed.longestMessage() - length);
    int taken = wanted > 0 ? budget.take(wanted) : 0;
    isCut |= taken < count;
    if (taken > 0) {
      if (begun.length < length + taken) {
        begun = Arrays.copyOf(begun, Math.max(length + taken, 2 * length));
      }
      bytes.get(start, begun, length, taken);
      length += taken;
    }
  }

  private void finish(ByteBuffer bytes, int start, int count) {
    if (length == 0 && !isCut) {
      if (count > 0) {
        int kept = Math.min(count, feed.longestMessage());
        feed.add(bytes, start, kept, kept < count, pid, senderStart, uid, gid);
      }
      return;
    }
    keep(bytes, start, count);
    end();
  }

  /** Passes on what is left: the sender has closed. */
  void close() {
    if (length > 0 && kind == Kind.UNDECIDED) {
      kind = Kind.LINES;
      splitBegun();
    }
    end();
  }

  private void end() {
    if (length > 0) {
      feed.add(ByteBuffer.wrap(begun), 0, length, isCut, pid, senderStart, uid, gid);
    }
    clear();
  }

  private void clear() {
    budget.give(length);
    begun = NOTHING;
    length = 0;
    isCut = false;
  }
}
