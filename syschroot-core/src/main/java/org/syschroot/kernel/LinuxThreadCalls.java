// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import org.syschroot.kernel.Scratch.Slice;

/** The calls of the running kernel on the calling thread. Thread-safe. */
public final class LinuxThreadCalls implements ThreadCalls {
  private static final int PR_SET_PDEATHSIG = 1;
  private static final int SIG_BLOCK = 0;
  private static final int SIGNAL_SET_BYTES = 8;

  private final RawCalls raw = RawCalls.running();

  /** Creates the calls; the native library is loaded unless it is already. */
  public LinuxThreadCalls() {}

  @Override
  public void setScheduling(byte[] attributes) throws KernelException {
    Slice copy = ThreadScratch.get().take(attributes.length);
    copy.bytes().put(0, attributes);
    check(
        raw.call(SystemCall.SCHED_SETATTR.number(), 0, copy.address(), 0, 0, 0),
        "sched_setattr",
        "policy=" + copy.bytes().getInt(4));
  }

  @Override
  public void setParentDeathSignal(int signal) throws KernelException {
    check(
        raw.call(SystemCall.PRCTL.number(), PR_SET_PDEATHSIG, signal, 0, 0, 0),
        "prctl",
        "PR_SET_PDEATHSIG, " + signal);
  }

  @Override
  public void makePending(long signals) throws KernelException {
    Slice set = ThreadScratch.get().take(SIGNAL_SET_BYTES);
    set.bytes().putLong(0, signals);
    check(
        raw.call(
            SystemCall.RT_SIGPROCMASK.number(), SIG_BLOCK, set.address(), 0, SIGNAL_SET_BYTES, 0),
        "rt_sigprocmask",
        "SIG_BLOCK, 0x" + Long.toHexString(signals));
    long process = raw.call(SystemCall.GETPID.number(), 0, 0, 0, 0, 0);
    long thread = raw.call(SystemCall.GETTID.number(), 0, 0, 0, 0, 0);
    for (int signal = 1; signal <= Long.SIZE; signal++) {
      if ((signals & 1L << (signal - 1)) != 0) {
        check(
            raw.call(SystemCall.TGKILL.number(), process, thread, signal, 0, 0),
            "tgkill",
            "signal=" + signal);
      }
    }
  }

  private static void check(long result, String call, String arguments) throws KernelException {
    if (result < 0) {
      throw LinuxCalls.failed(call, arguments, result);
    }
  }
}
