// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.ProcessCalls;

/**
 * What a command is to have besides what its plan says. Immutable.
 *
 * @param controlGroups directories of control groups on the host
 * @param nice the nice value, or empty for this JVM's
 * @param processors the processors, or empty for this JVM's
 * @param ownPidNamespace whether it is process 1 of a pid namespace
 */
record ChildWishes(
    List<Path> controlGroups,
    OptionalInt nice,
    Optional<Set<Integer>> processors,
    boolean ownPidNamespace) {
  static final ChildWishes NONE =
      new ChildWishes(List.of(), OptionalInt.empty(), Optional.empty(), false);

  ChildWishes withControlGroup(Path directory) {
    List<Path> all = new ArrayList<>(controlGroups);
    all.add(directory);
    return new ChildWishes(List.copyOf(all), nice, processors, ownPidNamespace);
  }

  ChildWishes withNice(int value) {
    if (value < -20 || value > 19) {
      throw new IllegalArgumentException("nice value " + value + " is not from -20 to 19");
    }
    return new ChildWishes(controlGroups, OptionalInt.of(value), processors, ownPidNamespace);
  }

  ChildWishes withProcessors(Set<Integer> numbers) {
    if (numbers.isEmpty() || numbers.stream().anyMatch(number -> number < 0)) {
      throw new IllegalArgumentException("not the numbers of processors: " + numbers);
    }
    return new ChildWishes(controlGroups, nice, Optional.of(Set.copyOf(numbers)), ownPidNamespace);
  }

  ChildWishes withOwnPidNamespace(boolean own) {
    return new ChildWishes(controlGroups, nice, processors, own);
  }

  /** Gives the calling thread what its children inherit from it. */
  void applyToThread(ProcessCalls calls) throws KernelException {
    if (processors.isPresent()) {
      BitSet mask = new BitSet();
      processors.get().forEach(mask::set);
      calls.setProcessors(mask);
    }
    if (nice.isPresent()) {
      calls.setNice(nice.getAsInt());
    }
  }
}
