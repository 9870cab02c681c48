// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.HashMap;
import java.util.Map;

/**
 * A few low numbers of descriptors, reserved for what children are to have. A child begins with a
 * copy of the descriptors up to the highest that is for it, and the copy costs time for each: as
 * long as descriptors for children have low numbers, it does not matter how many others this
 * process has open. Thread-safe.
 *
 * <p>The numbers are reserved once, when the library is loaded. A process that has many descriptors
 * open before that gets none: then the copy is of them all.
 */
final class LowDescriptors {
  /** Copying less than this many takes less time than to go without. */
  static final int FEW = 256;

  // Four for each of eight starts at once.
  private static final int PLACES = 32;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int O_CLOEXEC = 02000000;

  private final RawCalls raw;
  // The numbers that nobody uses are the first ones. Nothing takes memory to give one back.
  private final int[] free = new int[PLACES];
  private int count;

  /** What is in a place that nobody uses. It refers to no file, so that it keeps no mount busy. */
  private final int filler;

  /** Reserves what is free below {@link #FEW}. */
  LowDescriptors(RawCalls raw) {
    this.raw = raw;
    this.filler = (int) raw.call(SystemCall.EPOLL_CREATE1.number(), O_CLOEXEC, 0, 0, 0, 0);
    for (int i = 0; i < PLACES && filler >= 0; i++) {
      int place = (int) raw.call(SystemCall.FCNTL.number(), filler, F_DUPFD_CLOEXEC, 3, 0, 0);
      if (place >= FEW) {
        raw.close(place);
      }
      if (place < 0 || place >= FEW) {
        break;
      }
      free[count++] = place;
    }
  }

  /** Copies of descriptors, until they are closed. */
  final class Lease implements AutoCloseable {
    private final Map<Integer, Integer> descriptors = new HashMap<>();
    private final int[] places = new int[PLACES];
    private int taken;

    /** Returns a descriptor of this process for each number that the child is to have. */
    Map<Integer, Integer> descriptors() {
      return descriptors;
    }

    /**
     * Lets go of the copies: nobody would see the end of a pipe that is open here. Takes no memory:
     * a child that has been made must not be lost.
     */
    @Override
    public void close() {
      while (taken > 0) {
        taken--;
        giveBack(places[taken]);
      }
    }
  }

  /**
   * Returns descriptors for a child with numbers as low as can be.
   *
   * @param wanted our descriptor for each number that the child is to have
   * @throws KernelException if one of them is not open
   */
  Lease lease(Map<Integer, Integer> wanted) throws KernelException {
    Lease lease = new Lease();
    lease.descriptors.putAll(wanted);
    if (!take(lease)) {
      return lease;
    }
    try {
      int used = 0;
      for (Map.Entry<Integer, Integer> entry : lease.descriptors.entrySet()) {
        if (entry.getValue() >= FEW) {
          entry.setValue(copy(entry.getValue(), lease.places[used]));
          used++;
        }
      }
      return lease;
    } catch (KernelException | Error e) {
      lease.close();
      throw e;
    }
  }

  private int copy(int own, int place) throws KernelException {
    long result = raw.call(SystemCall.DUP3.number(), own, place, O_CLOEXEC, 0, 0);
    if (result < 0) {
      throw LinuxCalls.failed("dup3", own + ", " + place, result);
    }
    return place;
  }

  private boolean take(Lease lease) {
    int many = 0;
    for (int own : lease.descriptors.values()) {
      many += own >= FEW ? 1 : 0;
    }
    synchronized (free) {
      if (many == 0 || count < many) {
        return false;
      }
      while (lease.taken < many) {
        count--;
        lease.places[lease.taken++] = free[count];
      }
      return true;
    }
  }

  private void giveBack(int place) {
    if (raw.withoutMemory(SystemCall.DUP3, filler, place, O_CLOEXEC, 0) < 0) {
      raw.close(place); // and it is nobody's any more
      return;
    }
    synchronized (free) {
      free[count++] = place;
    }
  }
}
