// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.lang.ProcessBuilder.Redirect;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Where the descriptors of a command lead. Immutable.
 *
 * @param further our descriptor for each number from 3 on that the command is to have
 */
record Redirects(
    Redirect input,
    Redirect output,
    Redirect error,
    boolean mergeError,
    Map<Integer, Integer> further) {
  static final Redirects PIPES =
      new Redirects(Redirect.PIPE, Redirect.PIPE, Redirect.PIPE, false, Map.of());

  Redirects withInput(Redirect source) {
    if (source.type() == Redirect.Type.WRITE || source.type() == Redirect.Type.APPEND) {
      throw new IllegalArgumentException("input cannot be redirected to a file: use Redirect.from");
    }
    return new Redirects(source, output, error, mergeError, further);
  }

  Redirects withOutput(Redirect target) {
    return new Redirects(input, checkedTarget(target), error, mergeError, further);
  }

  Redirects withError(Redirect target) {
    return new Redirects(input, output, checkedTarget(target), mergeError, further);
  }

  private static Redirect checkedTarget(Redirect target) {
    if (target.type() == Redirect.Type.READ) {
      throw new IllegalArgumentException("output cannot be redirected from a file");
    }
    return target;
  }

  Redirects withMergedError(boolean merge) {
    return new Redirects(input, output, error, merge, further);
  }

  Redirects withDescriptor(int own, int childs) {
    if (own < 0 || childs < 3) {
      throw new IllegalArgumentException(
          "cannot pass descriptor " + own + " as " + childs + ": 0, 1 and 2 are redirected");
    }
    Map<Integer, Integer> all = new TreeMap<>(further);
    all.put(childs, own);
    return new Redirects(input, output, error, mergeError, Collections.unmodifiableMap(all));
  }

  /** Returns the numbers of the descriptors that the command is to have. */
  Set<Integer> numbers() {
    Set<Integer> numbers = new TreeSet<>(further.keySet());
    numbers.addAll(Set.of(0, 1, 2));
    return numbers;
  }
}
