// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.nio.ByteBuffer;

/**
 * Several messages that one system call receives or sends: the array of {@code struct mmsghdr} of
 * recvmmsg(2) and sendmmsg(2), made once and used again, so that a message costs no garbage. For
 * one thread.
 *
 * <p>The control data of a message has room for {@code SCM_CREDENTIALS}, in a {@link #timed} batch
 * for {@code SCM_TIMESTAMPNS} before it, and nothing more: what else a sender attaches, such as
 * descriptors, is dropped by the kernel.
 */
public final class MessageBatch implements AutoCloseable {
  /** The number of pieces that a message can be made of. */
  public static final int PIECES = 3;

  // The layout is that of every 64-bit Linux: struct mmsghdr, struct iovec, struct cmsghdr.
  private static final int HEADER = 64;
  private static final int IOV = 16;
  private static final int IOV_COUNT = 24;
  private static final int CONTROL = 32;
  private static final int CONTROL_LENGTH = 40;
  private static final int FLAGS = 48;
  private static final int LENGTH = 56;
  private static final int VECTOR = 16;
  private static final int CREDENTIALS = 32; // CMSG_SPACE(sizeof(struct ucred))
  private static final int CREDENTIALS_USED = 28; // CMSG_LEN
  private static final int SOL_SOCKET = 1;
  private static final int SCM_CREDENTIALS = 2;
  private static final int TIME = 32; // CMSG_SPACE(sizeof(struct timespec))
  private static final long NANOS = 1_000_000_000L;
  private static final int MSG_TRUNC = 0x20;

  /** Stands for a time of sending that the kernel has not said. */
  public static final long NO_TIME = Long.MIN_VALUE;

  private final int capacity;
  private final int controlSize;
  private final NativeMemory memory;
  private final ByteBuffer bytes;
  private final int vectors;
  private final int controls;

  /**
   * Makes a batch.
   *
   * @param capacity the number of messages
   */
  public MessageBatch(int capacity) throws KernelException {
    this(capacity, CREDENTIALS);
  }

  private MessageBatch(int capacity, int controlSize) throws KernelException {
    this.capacity = capacity;
    this.controlSize = controlSize;
    this.vectors = capacity * HEADER;
    this.controls = vectors + capacity * PIECES * VECTOR;
    this.memory = NativeMemory.map(controls + capacity * controlSize);
    this.bytes = memory.bytes();
    for (int i = 0; i < capacity; i++) {
      bytes.putLong(i * HEADER + IOV, memory.address() + vectors + (long) i * PIECES * VECTOR);
      bytes.putLong(i * HEADER + CONTROL, memory.address() + controls + (long) i * controlSize);
    }
  }

  /**
   * Makes a batch for a socket with {@link SocketCalls#SO_TIMESTAMPNS}. On others a sender could
   * fill the room for the time with descriptors.
   *
   * @param capacity the number of messages
   */
  public static MessageBatch timed(int capacity) throws KernelException {
    return new MessageBatch(capacity, TIME + CREDENTIALS);
  }

  /** Returns the number of messages that it has room for. */
  public int capacity() {
    return capacity;
  }

  /** Returns the address of the header of a message. */
  long header(int index) {
    return memory.address() + (long) index * HEADER;
  }

  /** Says where the next piece of a message is, or is to be put. Begin with {@link #begin}. */
  public void addPiece(int index, long address, int length) {
    int header = index * HEADER;
    int piece = (int) bytes.getLong(header + IOV_COUNT);
    int vector = vectors + (index * PIECES + piece) * VECTOR;
    bytes.putLong(vector, address);
    bytes.putLong(vector + 8, length);
    bytes.putLong(header + IOV_COUNT, piece + 1);
  }

  /** Forgets pieces and sender of a message. */
  public void begin(int index) {
    bytes.putLong(index * HEADER + IOV_COUNT, 0);
    bytes.putLong(index * HEADER + CONTROL_LENGTH, 0);
  }

  /** Makes a message ready to be received into the pieces it has. */
  public void expect(int index) {
    bytes.putLong(index * HEADER + CONTROL_LENGTH, controlSize);
  }

  /** Sends a message in the name of a process. */
  public void setSender(int index, int pid, int uid, int gid) {
    int control = controls + index * controlSize;
    bytes.putLong(control, CREDENTIALS_USED);
    bytes.putInt(control + 8, SOL_SOCKET);
    bytes.putInt(control + 12, SCM_CREDENTIALS);
    bytes.putInt(control + 16, pid);
    bytes.putInt(control + 20, uid);
    bytes.putInt(control + 24, gid);
    bytes.putLong(index * HEADER + CONTROL_LENGTH, CREDENTIALS_USED);
  }

  /** Returns the length of a message that was received, in bytes. */
  public int length(int index) {
    return bytes.getInt(index * HEADER + LENGTH);
  }

  /** Returns whether a message that was received was longer, {@code MSG_TRUNC}. */
  public boolean isTruncated(int index) {
    return (bytes.getInt(index * HEADER + FLAGS) & MSG_TRUNC) != 0;
  }

  /** Returns whether the kernel has said who sent a message. */
  public boolean hasSender(int index) {
    int control = credentials(index);
    int end = control + CREDENTIALS_USED - controls - index * controlSize;
    return bytes.getLong(index * HEADER + CONTROL_LENGTH) >= end
        && bytes.getInt(control + 8) == SOL_SOCKET
        && bytes.getInt(control + 12) == SCM_CREDENTIALS;
  }

  /** The kernel puts the time first. */
  private int credentials(int index) {
    return controls + index * controlSize + (controlSize - CREDENTIALS);
  }

  /** Returns the sender's process id, 0 if it has none in this pid namespace. */
  public int pid(int index) {
    return bytes.getInt(credentials(index) + 16);
  }

  /** Returns the sender's user id. */
  public int uid(int index) {
    return bytes.getInt(credentials(index) + 20);
  }

  /** Returns the sender's group id. */
  public int gid(int index) {
    return bytes.getInt(credentials(index) + 24);
  }

  /**
   * Returns when a message was sent, in nanoseconds since 1970, or {@link #NO_TIME} if the kernel
   * has not said so.
   */
  public long sentAt(int index) {
    int control = controls + index * controlSize;
    boolean isTold =
        bytes.getLong(index * HEADER + CONTROL_LENGTH) >= TIME
            && bytes.getInt(control + 8) == SOL_SOCKET
            && bytes.getInt(control + 12) == SocketCalls.SO_TIMESTAMPNS;
    return isTold ? bytes.getLong(control + 16) * NANOS + bytes.getLong(control + 24) : NO_TIME;
  }

  /** Gives the memory back. */
  @Override
  public void close() {
    memory.close();
  }
}
