// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.caller;

import java.util.List;
import org.syschroot.path.OsString;

/**
 * What becomes of a caller's environment. Immutable.
 *
 * @param callers whether it begins with the caller's; else it begins empty
 * @param changes what is changed in it, in this order
 */
public record EnvironmentPlan(boolean callers, List<Change> changes) {
  /** The variable that names the image. */
  public static final OsString MARKER = OsString.of("SYSCHROOT_IMAGE");

  /** Copies the list. */
  public EnvironmentPlan {
    changes = List.copyOf(changes);
  }

  /** What is done to a variable. */
  public enum Kind {
    /** It gets a value, whether it is set or not. */
    SET,
    /** It gets a value unless it is set. */
    DEFAULT,
    /** It gets a value if it is set. */
    REPLACE,
    /** It is removed. */
    UNSET
  }

  /**
   * One change.
   *
   * @param kind what is done
   * @param name the name of the variable
   * @param value its new value, empty if it is removed
   */
  public record Change(Kind kind, OsString name, OsString value) {}

  /** Returns whether the caller's environment only gets what tells of the image. */
  public boolean onlyMarks() {
    for (Change change : changes) {
      boolean marks = change.kind() == Kind.SET && change.name().equals(MARKER);
      if (!marks && change.kind() != Kind.DEFAULT) { // the prompt of a shell
        return false;
      }
    }
    return callers;
  }

  /** Returns the environment of a command. */
  public Environment of(List<OsString> entries) {
    Environment environment = Environment.of(callers ? entries : List.of());
    for (Change change : changes) {
      switch (change.kind()) {
        case SET -> environment = environment.with(change.name(), change.value());
        case DEFAULT -> {
          if (environment.get(change.name()).isEmpty()) {
            environment = environment.with(change.name(), change.value());
          }
        }
        case REPLACE -> {
          if (environment.get(change.name()).isPresent()) {
            environment = environment.with(change.name(), change.value());
          }
        }
        default -> environment = environment.without(change.name());
      }
    }
    return environment;
  }
}
