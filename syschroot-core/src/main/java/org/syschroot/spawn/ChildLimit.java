// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import org.syschroot.kernel.Errno;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.ProcessCalls;
import org.syschroot.kernel.ResourceLimit;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchPlan;

/**
 * Sets a child's limit of open files from outside. The thread that switches cannot set it for the
 * child beforehand, since limits are the whole JVM's: the program may see those for an instant. For
 * one start.
 */
final class ChildLimit {
  private static final long NONE = -1;

  private final ProcessCalls calls;
  private long wanted = NONE;
  private boolean pending;

  ChildLimit(ProcessCalls calls, SwitchPlan plan) {
    this.calls = calls;
    for (KernelStep step : plan.steps()) {
      if (step instanceof KernelStep.LimitOpenFiles) {
        wanted = ((KernelStep.LimitOpenFiles) step).soft();
        pending = true;
      }
    }
  }

  /** Tries it as the child's own user, who may unless the program is set-user-ID. */
  void tryOn(int pid) {
    try {
      setOn(pid);
    } catch (KernelException later) {
      // Then it is for the JVM's user, with CAP_SYS_RESOURCE.
    }
  }

  /** Sets it, unless that is done. */
  void setOn(int pid) throws KernelException {
    if (!pending) {
      return;
    }
    try {
      long hard = calls.limit(pid, ResourceLimit.NOFILE).hard();
      long soft = Long.compareUnsigned(wanted, hard) > 0 ? hard : wanted;
      calls.setLimit(pid, ResourceLimit.NOFILE, new ResourceLimit(soft, hard));
    } catch (KernelException e) {
      if (!e.is(Errno.ESRCH)) { // ESRCH: it has ended already
        throw e;
      }
    }
    pending = false;
  }
}
