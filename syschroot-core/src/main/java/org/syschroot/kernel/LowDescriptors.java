// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
  private final List<Integer> free = new ArrayList<>();

  /** What is in a place that nobody uses. It refers to no file, so that it keeps no mount busy. */
  private final int filler;

  /** Reserves what is free below {@link #FEW}. */
  LowDescriptors(RawCalls raw) {
    this.raw = raw;
    this.filler = (int) raw.call(SystemCall.EPOLL_CREATE1.number(), O_CLOEXEC, 0, 0, 0, 0);
    for (int i = 0; i < PLACES && filler >= 0; i++) {
      int place = (int) raw.call(SystemCall.FCNTL.number(), filler, F_DUPFD_CLOEXEC, 3, 0, 0);
      if (place >= FEW) {
        close(place);
      }
      if (place < 0 || place >= FEW) {
        break;
      }
      free.add(place);
    }
  }

  /**
   * Copies of descriptors, until they are closed.
   *
   * @param descriptors one of this process for each number of the child
   */
  final class Lease implements AutoCloseable {
    private final Map<Integer, Integer> descriptors;
    private final List<Integer> places;

    private Lease(Map<Integer, Integer> descriptors, List<Integer> places) {
      this.descriptors = descriptors;
      this.places = places;
    }

    /** Returns a descriptor of this process for each number that the child is to have. */
    Map<Integer, Integer> descriptors() {
      return descriptors;
    }

    /** Lets go of the copies: nobody would see the end of a pipe that is open here. */
    @Override
    public void close() {
      giveBackAll(places);
    }
  }

  /**
   * Returns descriptors for a child with numbers as low as can be.
   *
   * @param wanted our descriptor for each number that the child is to have
   * @throws KernelException if one of them is not open
   */
  Lease lease(Map<Integer, Integer> wanted) throws KernelException {
    List<Integer> places = new ArrayList<>();
    if (!take(wanted, places)) {
      return new Lease(wanted, places);
    }
    Map<Integer, Integer> low = new HashMap<>(wanted);
    int used = 0;
    for (Map.Entry<Integer, Integer> entry : low.entrySet()) {
      if (entry.getValue() >= FEW) {
        int own = entry.getValue();
        long result = raw.call(SystemCall.DUP3.number(), own, places.get(used), O_CLOEXEC, 0, 0);
        if (result < 0) {
          giveBackAll(places);
          throw LinuxCalls.failed("dup3", own + ", " + places.get(used), result);
        }
        entry.setValue(places.get(used++));
      }
    }
    return new Lease(low, places);
  }

  private boolean take(Map<Integer, Integer> wanted, List<Integer> places) {
    int many = 0;
    for (int own : wanted.values()) {
      many += own >= FEW ? 1 : 0;
    }
    synchronized (free) {
      if (free.size() < many) {
        return false;
      }
      for (int i = 0; i < many; i++) {
        places.add(free.remove(free.size() - 1));
      }
      return true;
    }
  }

  private void giveBackAll(List<Integer> places) {
    for (int place : places) {
      giveBack(place);
    }
  }

  private void giveBack(int place) {
    if (raw.call(SystemCall.DUP3.number(), filler, place, O_CLOEXEC, 0, 0) < 0) {
      close(place); // and it is nobody's any more
      return;
    }
    synchronized (free) {
      free.add(place);
    }
  }

  private void close(int descriptor) {
    raw.call(SystemCall.CLOSE.number(), descriptor, 0, 0, 0, 0);
  }
}
