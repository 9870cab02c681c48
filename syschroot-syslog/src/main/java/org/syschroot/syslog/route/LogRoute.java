// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.route;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a line goes that a program in an image writes to {@code /dev/log}. Immutable.
 *
 * @param way the way it takes
 * @param state whether that works
 * @param explanation what was found, a sentence for people to read
 * @param advice what to do about it, the best first; empty if all is well
 * @param listener who listens, if that could be found out
 */
public record LogRoute(
    LogWay way,
    State state,
    String explanation,
    List<String> advice,
    Optional<SocketHolder> listener) {
  /** State of a route. */
  public enum State {
    /** Lines get to a listener, also after a restart of the native daemon. */
    WORKS,
    /** Lines get to a listener, but not always or not for everybody. */
    FRAGILE,
    /** Lines are lost. */
    BROKEN,
    /** What was seen does not tell. */
    UNKNOWN;

    /** Returns the word for it, such as {@code works}. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Copies the list. */
  public LogRoute {
    advice = List.copyOf(advice);
  }

  /** Returns the route that follows from what was seen. */
  public static LogRoute of(LogView view) {
    return new RouteRules(view).route();
  }
}
