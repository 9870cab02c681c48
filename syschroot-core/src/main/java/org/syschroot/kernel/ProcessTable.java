// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

/**
 * The processes of the host and the clocks that their starts are measured by. Made for a call per
 * message: nothing here makes garbage. For one thread.
 */
public interface ProcessTable extends AutoCloseable {
  /** What {@link #startOf} returns for a process that does not exist or cannot be seen. */
  long NONE = -1;

  /** How exactly the kernel tells the start of a process, in nanoseconds: a tick of 1/100 s. */
  long TICK = 10_000_000L;

  /**
   * Returns when a process was started, in nanoseconds since the boot of the host and rounded down
   * to a {@link #TICK}; {@link #NONE} if there is no process of that number, or {@code /proc} does
   * not show it. Field 22 of proc_pid_stat(5).
   */
  long startOf(int pid);

  /** Returns the time since the boot of the host in nanoseconds, {@code CLOCK_BOOTTIME}. */
  long sinceBoot();

  /** Returns the time since 1970 in nanoseconds, {@code CLOCK_REALTIME}. */
  long sinceEpoch();

  /** Gives back what it holds. */
  @Override
  void close();
}
