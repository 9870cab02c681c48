// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

/**
 * What epoll_pwait(2) says is ready, made once and used again. For one thread.
 *
 * <p>For each ready descriptor: its number and what it is ready for.
 */
public final class ReadyBatch implements AutoCloseable {
  // struct epoll_event is packed on x86-64 alone.
  static final int DATA = Machine.current() == Machine.X86_64 ? 4 : 8;
  static final int SIZE = DATA + 8;

  private final int capacity;
  private final NativeMemory memory;

  /**
   * Makes a batch.
   *
   * @param capacity the most descriptors of one call
   */
  public ReadyBatch(int capacity) throws KernelException {
    this.capacity = capacity;
    this.memory = NativeMemory.map(capacity * SIZE);
  }

  /** Returns the most descriptors of one call. */
  public int capacity() {
    return capacity;
  }

  long address() {
    return memory.address();
  }

  /** Returns the number of a descriptor that is ready. */
  public int descriptor(int index) {
    return memory.bytes().getInt(index * SIZE + DATA);
  }

  /** Gives the memory back. */
  @Override
  public void close() {
    memory.close();
  }
}
