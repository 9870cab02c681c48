// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.exec;

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
public record FirstThread(Optional<byte[]> scheduling, int deathSignal, long pending) {
  // SIGILL, SIGTRAP, SIGBUS, SIGFPE and SIGSEGV.
  private static final long OF_FAULTS = 1L << 3 | 1L << 4 | 1L << 6 | 1L << 7 | 1L << 10;

  /** Takes the signals of faults out of {@code pending}: a JVM needs them for itself. */
  public FirstThread {
    pending &= ~OF_FAULTS;
  }

  /** Gives it to the calling thread, which is to become the command's. */
  public void restore() throws KernelException {
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
