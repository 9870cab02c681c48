// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.nio.ByteBuffer;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.NativeMemory;

/**
 * The messages of an image that wait, first in first out, each with its sender: a ring in native
 * memory, so that it can be sent from there and costs no garbage. Pages without a message take up
 * no memory. For one thread.
 *
 * <p>A place is the number of bytes put in before, gaps included; it is rounded to what an
 * alignment of 8 needs.
 */
final class MessageQueue implements AutoCloseable {
  /** Stands for a sender whose process is gone or must not be named. */
  static final int NO_PID = 0;

  /** Stands for an unknown user or group. */
  static final int NOBODY = -1;

  private static final int HEAD = 24;
  private static final int PID = 4;
  private static final int UID = 8;
  private static final int GID = 12;
  private static final int SENDER_START = 16;
  private static final int GAP = -1;
  private static final int DISCARD = 4 * NativeMemory.PAGE;
  // Messages are added by what one system call has read, which may go past the limits.
  private static final int SPARE = 8 * NativeMemory.PAGE;

  private final NativeMemory memory;
  private final ByteBuffer bytes;
  private final long capacity;
  private final QueueRoom messageRoom;
  private final QueueRoom byteRoom;
  private long first;
  private long end;
  private long touched;
  private int messages;

  /**
   * Makes an empty queue.
   *
   * @param limit how many bytes it is to hold, but for what one system call reads
   * @param longest the length of the longest message
   */
  MessageQueue(int limit, int longest, QueueRoom messageRoom, QueueRoom byteRoom)
      throws KernelException {
    // A message that does not fit before the end of the ring leaves a gap there.
    this.memory = NativeMemory.map(Math.addExact(limit, SPARE + 4 * recordSize(longest)));
    this.bytes = memory.bytes();
    this.capacity = bytes.capacity();
    this.messageRoom = messageRoom;
    this.byteRoom = byteRoom;
  }

  private static int recordSize(int length) {
    return (HEAD + length + 7) & -8;
  }

  boolean isEmpty() {
    return messages == 0;
  }

  int messages() {
    return messages;
  }

  /** Returns how many bytes are taken, gaps included. */
  long bytes() {
    return end - first;
  }

  /** Returns how many messages more may be added now. */
  long messagesLeft() {
    return messageRoom.left(messages);
  }

  /** Returns how many bytes more may be added now. */
  long bytesLeft() {
    return byteRoom.left(bytes());
  }

  /** Returns whether the memory itself has no room for a message, whatever the limits are. */
  boolean hasNoMemoryFor(int length) {
    int size = recordSize(length);
    long toEnd = capacity - end % capacity;
    return bytes() + size + (toEnd < size ? toEnd : 0) > capacity;
  }

  /**
   * Adds a message from {@code source}, whatever the limits are.
   *
   * @param senderStart when the sender was started, or {@link Senders#GONE}
   */
  void add(ByteBuffer source, int offset, int length, int pid, long senderStart, int uid, int gid) {
    if (hasNoMemoryFor(length)) {
      throw new IllegalStateException("the queue's memory is full");
    }
    final long before = bytes();
    int size = recordSize(length);
    int at = (int) (end % capacity);
    if (capacity - at < size) {
      bytes.putInt(at, GAP);
      end += capacity - at;
      at = 0;
    }
    bytes.putInt(at, length);
    bytes.putInt(at + PID, pid);
    bytes.putInt(at + UID, uid);
    bytes.putInt(at + GID, gid);
    bytes.putLong(at + SENDER_START, senderStart);
    bytes.put(at + HEAD, source, offset, length);
    end += size;
    touched = Math.max(touched, end);
    messageRoom.change(messages, ++messages);
    byteRoom.change(before, bytes());
  }

  /** Returns the place of the oldest message; there must be one. */
  long oldest() {
    return afterGap(first);
  }

  /** Returns the place of the message after the one at {@code place}. */
  long after(long place) {
    long next = place + recordSize(length(place));
    return next == end ? next : afterGap(next);
  }

  private long afterGap(long place) {
    int at = (int) (place % capacity);
    return bytes.getInt(at) == GAP ? place + capacity - at : place;
  }

  private int at(long place) {
    return (int) (place % capacity);
  }

  int length(long place) {
    return bytes.getInt(at(place));
  }

  int pid(long place) {
    return bytes.getInt(at(place) + PID);
  }

  int uid(long place) {
    return bytes.getInt(at(place) + UID);
  }

  int gid(long place) {
    return bytes.getInt(at(place) + GID);
  }

  /** Returns when the sender was started, or {@link Senders#GONE}. */
  long senderStart(long place) {
    return bytes.getLong(at(place) + SENDER_START);
  }

  /** Returns where in {@link #memory()} the message itself begins. */
  int start(long place) {
    return at(place) + HEAD;
  }

  ByteBuffer memory() {
    return bytes;
  }

  /** Returns the address of the message itself. */
  long address(long place) {
    return memory.address() + start(place);
  }

  /** Names no longer the sender of a message. */
  void forgetPid(long place) {
    bytes.putInt(at(place) + PID, NO_PID);
  }

  /** Names no longer the sender of a message, nor its user and group. */
  void forgetSender(long place) {
    forgetPid(place);
    bytes.putInt(at(place) + UID, NOBODY);
    bytes.putInt(at(place) + GID, NOBODY);
  }

  /** Removes the oldest messages. */
  void remove(int number) {
    long before = bytes();
    long place = first;
    for (int i = 0; i < number; i++) {
      place = afterGap(place);
      place += recordSize(length(place));
    }
    if (place / DISCARD != first / DISCARD) {
      discardBehind(place);
    }
    first = place;
    messageRoom.change(messages, messages - number);
    messages -= number;
    if (messages == 0) {
      startAgain();
    }
    byteRoom.change(before, bytes());
  }

  /** Back to the start of the ring, where the memory is warm, whenever it is empty. */
  private void startAgain() {
    if (touched > DISCARD) {
      memory.discard(DISCARD, (int) capacity - DISCARD);
    }
    first = 0;
    end = 0;
    touched = 0;
  }

  private void discardBehind(long place) {
    // Whole parts between what was the first place and what is; the ring's end is one of its own.
    long from = first / DISCARD * DISCARD;
    for (long part = from; part + DISCARD <= place; part += DISCARD) {
      int start = (int) (part % capacity);
      boolean wraps = start + DISCARD > capacity;
      boolean inUse = end > part + capacity;
      if (!wraps && !inUse) {
        memory.discard(start, DISCARD);
      }
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}
