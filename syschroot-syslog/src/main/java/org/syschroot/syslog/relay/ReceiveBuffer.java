// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.nio.ByteBuffer;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MessageBatch;
import org.syschroot.kernel.NativeMemory;
import org.syschroot.kernel.SocketCalls;

/**
 * The memory that messages of all images are received into, and the call that does so. For one
 * thread.
 */
final class ReceiveBuffer implements AutoCloseable {
  // Keeps the slots out of each other's way in the processor's cache.
  private static final int STAGGER = 4096 + 192;

  private final SocketCalls sockets;
  private final int slot;
  private final int stride;
  private final NativeMemory memory;
  private final MessageBatch batch;

  /**
   * Takes the memory.
   *
   * @param longest the length of the longest message, in bytes
   * @param most the most messages of one call
   */
  ReceiveBuffer(SocketCalls sockets, int longest, int most) throws KernelException {
    this(sockets, longest, new MessageBatch(most));
  }

  private ReceiveBuffer(SocketCalls sockets, int longest, MessageBatch batch)
      throws KernelException {
    int most = batch.capacity();
    this.sockets = sockets;
    this.slot = longest;
    this.stride = (longest + STAGGER + 63) & -64;
    this.memory = NativeMemory.map(Math.multiplyExact(stride, most));
    this.batch = batch;
    for (int i = 0; i < most; i++) {
      batch.addPiece(i, memory.address() + start(i), slot);
      batch.expect(i);
    }
  }

  /** As the constructor, for sockets with {@link SocketCalls#SO_TIMESTAMPNS}. */
  static ReceiveBuffer timed(SocketCalls sockets, int longest, int most) throws KernelException {
    return new ReceiveBuffer(sockets, longest, MessageBatch.timed(most));
  }

  /** Receives up to {@code count} messages and returns how many, or the negative errno. */
  int receive(int socket, int count) {
    return sockets.receive(socket, batch, Math.min(count, batch.capacity()));
  }

  /** Makes the first messages ready to be received again. */
  void reuse(int count) {
    for (int i = 0; i < count; i++) {
      batch.expect(i);
    }
  }

  ByteBuffer bytes() {
    return memory.bytes();
  }

  int start(int index) {
    return index * stride;
  }

  int length(int index) {
    return Math.min(batch.length(index), slot);
  }

  /** Returns whether a message has taken all the room there is. */
  boolean isFull(int index) {
    return batch.length(index) >= slot;
  }

  boolean isTruncated(int index) {
    return batch.isTruncated(index);
  }

  int pid(int index) {
    return batch.hasSender(index) ? batch.pid(index) : MessageQueue.NO_PID;
  }

  /** Returns when a message was sent, or {@link MessageBatch#NO_TIME}. */
  long sentAt(int index) {
    return batch.sentAt(index);
  }

  int uid(int index) {
    return batch.hasSender(index) ? batch.uid(index) : MessageQueue.NOBODY;
  }

  int gid(int index) {
    return batch.hasSender(index) ? batch.gid(index) : MessageQueue.NOBODY;
  }

  @Override
  public void close() {
    batch.close();
    memory.close();
  }
}
