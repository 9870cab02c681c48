// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import org.syschroot.kernel.Scratch.Slice;

/** {@link PollCalls} of the running Linux kernel. Thread-safe. */
public final class LinuxPollCalls implements PollCalls {
  private static final short POLLPRI = 0x002;

  private final RawCalls raw = RawCalls.running();

  private LinuxPollCalls() {}

  /** Returns the calls of the kernel that this JVM runs on. */
  public static PollCalls running() {
    return Holder.CALLS;
  }

  private static final class Holder {
    static final LinuxPollCalls CALLS = new LinuxPollCalls();
  }

  @Override
  public boolean isExceptional(int fd) throws KernelException {
    Scratch memory = ThreadScratch.get();
    Slice request = memory.take(8); // struct pollfd: fd, events, revents
    request.bytes().putInt(0, fd);
    request.bytes().putShort(4, POLLPRI);
    request.bytes().putShort(6, (short) 0);
    Slice atOnce = memory.take(16); // struct timespec
    atOnce.bytes().putLong(0, 0);
    atOnce.bytes().putLong(8, 0);
    int number = SystemCall.PPOLL.number();
    long result = raw.call(number, request.address(), 1, atOnce.address(), 0, 0);
    if (result < 0) {
      throw new KernelException("ppoll", "fd=" + fd, (int) -result);
    }
    return (request.bytes().getShort(6) & POLLPRI) != 0;
  }
}
