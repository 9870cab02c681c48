// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.syschroot.kernel.Errno;

/** Which calls are to fail, by name and number or by their place among all calls. */
final class FaultPlan {
  private final Map<String, Errno> byName = new HashMap<>();
  private final Map<Integer, Errno> byPlace = new HashMap<>();
  private final Map<String, Errno> always = new HashMap<>();
  private final Map<String, Integer> seen = new HashMap<>();
  private int calls;

  void failOn(String call, int nth, Errno errno) {
    byName.put(call + "#" + checked(nth), errno);
  }

  void failOnCall(int place, Errno errno) {
    byPlace.put(checked(place), errno);
  }

  void failAlways(String call, Errno errno) {
    always.put(call, errno);
  }

  private static int checked(int fromOne) {
    if (fromOne < 1) {
      throw new IllegalArgumentException("calls are counted from 1, not from " + fromOne);
    }
    return fromOne;
  }

  /** Counts a call, and returns what it is to fail with. */
  Optional<Errno> next(String call) {
    calls++;
    int nth = seen.merge(call, 1, Integer::sum);
    Errno errno = byPlace.get(calls);
    if (errno == null) {
      errno = byName.get(call + "#" + nth);
    }
    return Optional.ofNullable(errno == null ? always.get(call) : errno);
  }
}
