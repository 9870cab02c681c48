// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.syschroot.kernel.ProcessTable;

/** Processes and clocks that are what a test says. */
final class FakeProcesses implements ProcessTable {
  private final Map<Integer, Long> starts = new ConcurrentHashMap<>();
  private volatile long boot = 1_000_000_000_000L;
  private volatile long epochToBoot = 1_700_000_000_000_000_000L;
  private volatile int looks;

  /** A process of that number starts now. */
  void start(int pid) {
    starts.put(pid, boot / TICK * TICK);
  }

  void end(int pid) {
    starts.remove(pid);
  }

  void pass(long nanos) {
    boot += nanos;
  }

  /** Somebody sets the time of day. */
  void setClock(long nanos) {
    epochToBoot += nanos;
  }

  /** Returns how often a start was read. */
  int looks() {
    return looks;
  }

  @Override
  public long startOf(int pid) {
    looks++;
    return starts.getOrDefault(pid, NONE);
  }

  @Override
  public long sinceBoot() {
    return boot;
  }

  @Override
  public long sinceEpoch() {
    return boot + epochToBoot;
  }

  @Override
  public void close() {}
}
