// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.jobrunner;

import java.time.Duration;
import java.util.Locale;
import org.tomlj.Toml;

/**
 * How a job ended. Immutable.
 *
 * @param how what happened
 * @param status the command's exit status, or what a shell would give
 * @param time how long it took
 * @param message why it did not start, for people to read, else empty
 */
record JobOutcome(How how, int status, Duration time, String message) {
  /** What happened. */
  enum How {
    /** The command ended by itself. */
    EXITED,
    /** It was killed for its time. */
    TIMED_OUT,
    /** It could not be started. */
    NOT_STARTED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Returns it as TOML. */
  String text() {
    return String.format(
        Locale.ROOT,
        "outcome = \"%s\"%nstatus = %d%nseconds = %.3f%nmessage = \"%s\"%n",
        how,
        status,
        time.toMillis() / 1000.0,
        Toml.tomlEscape(message));
  }
}
