// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.ProcessCalls;
import org.syschroot.kernel.ResourceLimit;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchPlan;

/**
 * Sets a child's limits from outside. The thread that switches cannot set them for the child
 * beforehand, since limits are the whole JVM's: the program may see those for an instant. For one
 * start.
 */
final class ChildLimits {
  private final ProcessCalls calls;
  private final Deque<Pending> pending = new ArrayDeque<>();

  /**
   * A limit that is still to be set.
   *
   * @param hardToo whether the child must not raise it again
   */
  private record Pending(int resource, long value, boolean hardToo) {}

  /** Creates the limits of a plan, whose soft limit of open files the child may raise again. */
  ChildLimits(ProcessCalls calls, SwitchPlan plan, Map<Limit, Long> further) {
    this.calls = calls;
    for (KernelStep step : plan.steps()) {
      if (step instanceof KernelStep.LimitOpenFiles) {
        long soft = ((KernelStep.LimitOpenFiles) step).soft();
        pending.add(new Pending(ResourceLimit.NOFILE, soft, false));
      }
    }
    for (Map.Entry<Limit, Long> entry : further.entrySet()) {
      pending.add(new Pending(entry.getKey().resource(), entry.getValue(), true));
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

  /** Sets those that are still to be set. */
  void setOn(int pid) throws KernelException {
    while (!pending.isEmpty()) {
      try {
        set(pid, pending.peek());
      } catch (KernelException e) {
        if (!e.is(Errno.ESRCH)) { // ESRCH: it has ended already
          throw e;
        }
      }
      pending.remove();
    }
  }

  private void set(int pid, Pending wanted) throws KernelException {
    long hard = calls.limit(pid, wanted.resource()).hard();
    long value = Long.compareUnsigned(wanted.value(), hard) > 0 ? hard : wanted.value();
    calls.setLimit(
        pid, wanted.resource(), new ResourceLimit(value, wanted.hardToo() ? value : hard));
  }
}
