// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.lang.ProcessBuilder.Redirect;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Where the descriptors of a command lead. Immutable.
 *
 * @param producer whose output standard input is, in the place of {@code input}
 * @param own our descriptor for each of 0, 1 and 2 that is not redirected otherwise
 * @param further our descriptor for each number from 3 on that the command is to have
 */
record Redirects(
    Redirect input,
    @Nullable SwitchedProcess producer,
    Redirect output,
    Redirect error,
    boolean mergeError,
    Map<Integer, Integer> own,
    Map<Integer, Integer> further) {
  static final Redirects PIPES =
      new Redirects(Redirect.PIPE, null, Redirect.PIPE, Redirect.PIPE, false, Map.of(), Map.of());

  Redirects withInput(Redirect source) {
    if (source.type() == Redirect.Type.WRITE || source.type() == Redirect.Type.APPEND) {
      throw new IllegalArgumentException("input cannot be redirected to a file: use Redirect.from");
    }
    return new Redirects(source, null, output, error, mergeError, without(0), further);
  }

  /** Redirects standard input from what another command writes. */
  Redirects withProducer(SwitchedProcess process) {
    if (!process.hasOutputPipe()) {
      throw new IllegalArgumentException(process + " writes to where it was redirected");
    }
    return new Redirects(input, process, output, error, mergeError, without(0), further);
  }

  Redirects withOutput(Redirect target) {
    return new Redirects(
        input, producer, checkedTarget(target), error, mergeError, without(1), further);
  }

  Redirects withError(Redirect target) {
    return new Redirects(
        input, producer, output, checkedTarget(target), mergeError, without(2), further);
  }

  /** Redirects one of 0, 1 and 2. */
  Redirects withOwn(int number, int descriptor) {
    if (descriptor < 0) {
      throw new IllegalArgumentException("not a descriptor: " + descriptor);
    }
    Map<Integer, Integer> all = new TreeMap<>(own);
    all.put(number, descriptor);
    return new Redirects(
        input,
        number == 0 ? null : producer,
        output,
        error,
        mergeError,
        Collections.unmodifiableMap(all),
        further);
  }

  private Map<Integer, Integer> without(int number) {
    Map<Integer, Integer> others = new TreeMap<>(own);
    others.remove(number);
    return Collections.unmodifiableMap(others);
  }

  /** Returns whether this JVM has the other end of standard input. */
  boolean hasInputPipe() {
    return producer == null && input.type() == Redirect.Type.PIPE && !own.containsKey(0);
  }

  /** Returns whether this JVM has the other end of standard output. */
  boolean hasOutputPipe() {
    return output.type() == Redirect.Type.PIPE && !own.containsKey(1);
  }

  private static Redirect checkedTarget(Redirect target) {
    if (target.type() == Redirect.Type.READ) {
      throw new IllegalArgumentException("output cannot be redirected from a file");
    }
    return target;
  }

  Redirects withMergedError(boolean merge) {
    return new Redirects(input, producer, output, error, merge, own, further);
  }

  Redirects withDescriptor(int ours, int childs) {
    if (ours < 0 || childs < 3) {
      throw new IllegalArgumentException(
          "cannot pass descriptor " + ours + " as " + childs + ": 0, 1 and 2 are redirected");
    }
    Map<Integer, Integer> all = new TreeMap<>(further);
    all.put(childs, ours);
    return new Redirects(
        input, producer, output, error, mergeError, own, Collections.unmodifiableMap(all));
  }

  /** Returns the numbers of the descriptors that the command is to have. */
  Set<Integer> numbers() {
    Set<Integer> numbers = new TreeSet<>(further.keySet());
    numbers.addAll(Set.of(0, 1, 2));
    return numbers;
  }
}
