// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory outside Java's heap, at a fixed address, zeroed, that takes up room only where it has been
 * written to. For one thread.
 *
 * <p>Java's own direct buffers are written to from end to end when they are made.
 */
public final class NativeMemory implements AutoCloseable {
  /** The size of what can be given back at a time: a multiple of every page size in use. */
  public static final int PAGE = 64 * 1024;

  private static final int MADV_DONTNEED = 4;
  private static final int PROT_READ_EXEC = 5;
  private static final RawCalls RAW = RawCalls.running();

  private final ByteBuffer bytes;
  private final long address;

  private NativeMemory(ByteBuffer bytes, long address) {
    this.bytes = bytes;
    this.address = address;
  }

  /**
   * Returns new memory, mmap(2).
   *
   * @param size in bytes, rounded up to a multiple of {@link #PAGE}
   * @throws KernelException if there is not so much address space
   */
  public static NativeMemory map(int size) throws KernelException {
    int rounded = Math.toIntExact(((long) size + PAGE - 1) & -PAGE);
    long address = RAW.map(rounded);
    if (address == -1) {
      throw new KernelException("mmap", "length=" + rounded, Errno.ENOMEM.number());
    }
    ByteBuffer bytes = RAW.buffer(address, rounded);
    return new NativeMemory(bytes.order(ByteOrder.nativeOrder()), address);
  }

  /** Returns the memory. It must not be used after {@link #close()}: the JVM would crash. */
  public ByteBuffer bytes() {
    return bytes;
  }

  /** Returns where in the address space it begins. */
  public long address() {
    return address;
  }

  /**
   * Forgets the content of a part, which takes up no room until it is written to again, madvise(2).
   *
   * @param offset a multiple of {@link #PAGE}
   * @param length in bytes
   */
  public void discard(int offset, int length) {
    // It can fail only by taking up room on.
    RAW.call(SystemCall.MADVISE.number(), address + offset, length, MADV_DONTNEED, 0, 0);
  }

  /** Makes what has been written instructions, and writing impossible, mprotect(2). */
  void makeExecutable() throws KernelException {
    long size = bytes.capacity();
    long result = RAW.call(SystemCall.MPROTECT.number(), address, size, PROT_READ_EXEC, 0, 0);
    if (result < 0) {
      throw new KernelException("mprotect", "PROT_READ|PROT_EXEC", (int) -result);
    }
  }

  /** Gives the memory back, munmap(2). */
  @Override
  public void close() {
    RAW.call(SystemCall.MUNMAP.number(), address, bytes.capacity(), 0, 0, 0);
  }
}
