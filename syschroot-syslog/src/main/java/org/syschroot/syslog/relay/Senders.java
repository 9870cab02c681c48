// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.util.Arrays;
import java.util.function.LongSupplier;
import org.syschroot.kernel.MessageBatch;
import org.syschroot.kernel.ProcessTable;

/**
 * Tells whether the process of a number is still the one that sent a message. The kernel names the
 * sender by its number, which another process may have got while the message waited in the socket
 * or in the queue. So the start of the process goes with the message: it must lie before the time
 * of sending, and must be the same when the message is passed on. For one thread.
 *
 * <p>A start counts as read for one {@link ProcessTable#TICK}, which is also how exactly it is
 * known: no number comes round again so fast, since the kernel gives out all others first. Only
 * root can choose numbers. A clock that root sets back while a message waits in the socket lets the
 * message seem younger than it is. Messages in streams carry no time of sending: what waits there
 * belongs to whoever has the number when it is read.
 */
final class Senders implements AutoCloseable {
  /** Stands for the start of a process that is not, or no longer, the sender. */
  static final long GONE = ProcessTable.NONE;

  private static final int SLOTS = 256; // a power of 2

  private final ProcessTable processes;
  private final LongSupplier nanoTime;
  private final int[] pids = new int[SLOTS];
  private final long[] starts = new long[SLOTS];
  private final long[] readAt = new long[SLOTS];
  private long epochToBoot;
  private long comparedAt;

  Senders(ProcessTable processes) {
    this(processes, System::nanoTime);
  }

  Senders(ProcessTable processes, LongSupplier nanoTime) {
    this.processes = processes;
    this.nanoTime = nanoTime;
    Arrays.fill(pids, MessageQueue.NO_PID);
    compareClocks(nanoTime.getAsLong());
  }

  /**
   * Returns when the process was started that sent a message, or {@link #GONE}.
   *
   * @param sentAt when, in nanoseconds since 1970, or {@link MessageBatch#NO_TIME} for just now
   */
  long startOf(int pid, long sentAt) {
    if (pid == MessageQueue.NO_PID) {
      return GONE;
    }
    long now = nanoTime.getAsLong();
    long start = start(pid, now);
    if (start == GONE || sentAt == MessageBatch.NO_TIME) {
      return start;
    }
    if (now - comparedAt >= ProcessTable.TICK) {
      compareClocks(now);
    }
    return start <= sentAt - epochToBoot + ProcessTable.TICK ? start : GONE;
  }

  /** Returns whether a process is still the one that was started then. */
  boolean isStill(int pid, long start) {
    return start != GONE && start(pid, nanoTime.getAsLong()) == start;
  }

  private long start(int pid, long now) {
    int slot = pid & SLOTS - 1;
    if (pids[slot] == pid && now - readAt[slot] < ProcessTable.TICK) {
      return starts[slot];
    }
    long start = processes.startOf(pid);
    // One that is gone is not remembered: its number may be the very next to be given out.
    pids[slot] = start == GONE ? MessageQueue.NO_PID : pid;
    starts[slot] = start;
    readAt[slot] = now;
    return start;
  }

  /** Looks again if it was interrupted, or messages would seem older than they are. */
  private void compareClocks(long now) {
    int tries = 3;
    long boot;
    do {
      boot = processes.sinceBoot();
      epochToBoot = processes.sinceEpoch() - boot;
      tries--;
    } while (tries > 0 && processes.sinceBoot() - boot > ProcessTable.TICK / 10);
    comparedAt = now;
  }

  @Override
  public void close() {
    processes.close();
  }
}
