// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.caller;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.syschroot.path.OsString;

/**
 * What a command inherits from whoever asks for the switch, byte for byte. Immutable.
 *
 * @param environment all entries of the environment, in order, usually {@code NAME=VALUE}
 * @param directory the working directory
 * @param descriptors the open descriptors that are not close-on-exec
 * @param signals the signal mask and the ignored signals
 * @param openFiles the soft limit of open files if this process had to raise its own, else empty
 */
public record Caller(
    List<OsString> environment,
    WorkingDirectory directory,
    Set<Integer> descriptors,
    Signals signals,
    OptionalLong openFiles) {
  /** Creates a caller whose limit of open files is still in force. */
  public Caller(
      List<OsString> environment,
      WorkingDirectory directory,
      Set<Integer> descriptors,
      Signals signals) {
    this(environment, directory, descriptors, signals, OptionalLong.empty());
  }

  /**
   * Copies the collections.
   *
   * @throws IllegalArgumentException if a descriptor or the limit is negative
   */
  public Caller {
    environment = List.copyOf(environment);
    descriptors = checkedDescriptors(descriptors);
    if (openFiles.isPresent() && openFiles.getAsLong() < 0) {
      throw new IllegalArgumentException(openFiles.getAsLong() + " is not a limit of open files");
    }
  }

  public static Set<Integer> checkedDescriptors(Set<Integer> descriptors) {
    SortedSet<Integer> ascending = new TreeSet<>(descriptors);
    if (!ascending.isEmpty() && ascending.first() < 0) {
      throw new IllegalArgumentException(ascending.first() + " is not a descriptor");
    }
    return Collections.unmodifiableSet(ascending);
  }

  /** Returns the value of a variable, or empty if it is not set. */
  public Optional<OsString> variable(String name) {
    return Environment.of(environment).get(OsString.of(name));
  }
}
