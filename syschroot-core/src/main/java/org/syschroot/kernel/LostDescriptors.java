// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Finds descriptors that Java has opened and forgotten. A stream of Java opens its file and takes
 * memory after that: in a full heap the constructor fails, and nobody closes the descriptor. Takes
 * no memory of Java's heap itself. Thread-safe.
 */
final class LostDescriptors {
  private static final int O_DIRECTORY_CLOEXEC =
      OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;
  private static final int F_GETFL = 3;
  private static final int ACCESS_MODE = 3;
  private static final byte[] DIRECTORY =
      "/proc/thread-self/fd\0".getBytes(StandardCharsets.US_ASCII);
  // Of struct stat on 64-bit machines: the device and the inode are its first two words.
  private static final int INODE = Long.BYTES;
  // Of struct linux_dirent64.
  private static final int ENTRY_LENGTH = 16;
  private static final int ENTRY_NAME = 19;

  private static final int STATUS = 64;
  private static final int ENTRIES = 512;

  private final RawCalls raw;
  private final NativeMemory memory;
  private final ByteBuffer bytes;

  LostDescriptors(RawCalls raw) {
    this.raw = raw;
    try {
      this.memory = NativeMemory.map(NativeMemory.PAGE);
    } catch (KernelException noAddressSpace) {
      throw new OutOfMemoryError(noAddressSpace.getMessage());
    }
    this.bytes = memory.bytes();
    bytes.put(0, DIRECTORY);
  }

  /**
   * Closes each other descriptor of this process that is open for the same end of the same pipe.
   */
  synchronized void closeOthers(int own) {
    if (!lookAt(own)) {
      return;
    }
    long device = bytes.getLong(STATUS);
    long inode = bytes.getLong(STATUS + INODE);
    long mode = mode(own);
    long list =
        raw.withoutMemory(
            SystemCall.OPENAT, Kernel.AT_FDCWD, memory.address(), O_DIRECTORY_CLOEXEC, 0);
    if (list < 0) {
      return;
    }
    long length = next(list);
    while (length > 0) {
      for (int at = ENTRIES;
          at < ENTRIES + length;
          at += bytes.getShort(at + ENTRY_LENGTH) & 0xffff) {
        int other = number(at + ENTRY_NAME);
        if (other >= 0
            && other != own
            && lookAt(other)
            && bytes.getLong(STATUS) == device
            && bytes.getLong(STATUS + INODE) == inode
            && mode(other) == mode) {
          raw.withoutMemory(SystemCall.CLOSE, other, 0, 0, 0);
        }
      }
      length = next(list);
    }
    raw.withoutMemory(SystemCall.CLOSE, list, 0, 0, 0);
  }

  private boolean lookAt(int descriptor) {
    return raw.withoutMemory(SystemCall.FSTAT, descriptor, memory.address() + STATUS, 0, 0) == 0;
  }

  private long mode(int descriptor) {
    return raw.withoutMemory(SystemCall.FCNTL, descriptor, F_GETFL, 0, 0) & ACCESS_MODE;
  }

  private long next(long list) {
    long room = NativeMemory.PAGE - ENTRIES;
    return raw.withoutMemory(SystemCall.GETDENTS64, list, memory.address() + ENTRIES, room, 0);
  }

  /** Returns the number that a name is, or -1. */
  private int number(int at) {
    int number = 0;
    int next = at;
    for (int digit = bytes.get(next); digit != 0; digit = bytes.get(++next)) {
      if (digit < '0' || digit > '9') {
        return -1;
      }
      number = 10 * number + digit - '0';
    }
    return number;
  }
}
