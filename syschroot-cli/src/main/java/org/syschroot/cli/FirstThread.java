// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.util.HexFormat;
import java.util.Optional;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxThreadCalls;
import org.syschroot.kernel.ThreadCalls;

/**
 * What the kernel keeps for the caller's thread alone. The thread that runs Java is another one and
 * has none of it, but becomes the command's only thread. Immutable.
 *
 * @param scheduling what sched_getattr(2) says, if it is of a kind that new threads do not have
 * @param deathSignal the signal for when the parent ends, 0 for none
 * @param pending the signals sent to the thread and blocked by it, bit N-1 for signal N
 */
record FirstThread(Optional<byte[]> scheduling, int deathSignal, long pending) {
  // A JVM needs these for itself: SIGILL, SIGTRAP, SIGBUS, SIGFPE and SIGSEGV.
  private static final long OF_FAULTS = 1L << 3 | 1L << 4 | 1L << 6 | 1L << 7 | 1L << 10;

  /** Returns what the start script has found, which tells only what is out of the ordinary. */
  static FirstThread handedOver() {
    String scheduling = System.getProperty("syschroot.caller.scheduling");
    String pending = System.getProperty("syschroot.caller.pending", "0");
    return new FirstThread(
        Optional.ofNullable(scheduling).map(HexFormat.of()::parseHex),
        Integer.getInteger("syschroot.caller.death.signal", 0),
        Long.parseUnsignedLong(pending, 16) & ~OF_FAULTS);
  }

  /** Gives it to the calling thread, which is to become the command's. */
  void restore() throws KernelException {
    if (scheduling.isPresent() || deathSignal != 0 || pending != 0) {
      restore(new LinuxThreadCalls());
    }
  }

  private void restore(ThreadCalls calls) throws KernelException {
    if (scheduling.isPresent()) {
      calls.setScheduling(scheduling.get());
    }
    if (deathSignal != 0) {
      calls.setParentDeathSignal(deathSignal);
    }
    if (pending != 0) {
      calls.makePending(pending);
    }
  }
}
