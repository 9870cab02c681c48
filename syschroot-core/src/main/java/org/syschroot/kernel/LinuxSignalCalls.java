// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.time.Duration;
import org.syschroot.kernel.Scratch.Slice;

/** {@link SignalCalls} of the running Linux kernel. Thread-safe. */
public final class LinuxSignalCalls implements SignalCalls {
  private static final int MASK_BYTES = 8;

  private final RawCalls raw = RawCalls.running();

  private LinuxSignalCalls() {}

  /** Returns the calls of the kernel that this JVM runs on. */
  public static SignalCalls running() {
    return Holder.CALLS;
  }

  private static final class Holder {
    static final LinuxSignalCalls CALLS = new LinuxSignalCalls();
  }

  @Override
  public int await(long signals, Duration longest) throws KernelException {
    Scratch memory = ThreadScratch.get();
    Slice mask = memory.take(MASK_BYTES);
    mask.bytes().putLong(0, signals);
    Slice time = memory.take(16);
    time.bytes().putLong(0, longest.getSeconds());
    time.bytes().putLong(8, longest.getNano());
    long result =
        raw.call(
            SystemCall.RT_SIGTIMEDWAIT.number(), mask.address(), 0, time.address(), MASK_BYTES, 0);
    if (result == -Errno.EAGAIN.number() || result == -Errno.EINTR.number()) {
      return 0;
    }
    if (result < 0) {
      String arguments = "mask=0x" + Long.toHexString(signals);
      throw new KernelException("rt_sigtimedwait", arguments, (int) -result);
    }
    return (int) result;
  }
}
