// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.syschroot.image.ImageName;

/** How many messages of an image were dropped of which the native daemon has not been told. */
final class DropReport {
  private static final int PRIORITY = 5 * 8 + 4; // LOG_SYSLOG, LOG_WARNING
  private static final long INTERVAL_NANOS = 1_000_000_000L;
  // As glibc writes it: the day of the month is padded with a blank.
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ROOT);

  private final ImageName image;
  private long number;
  private long latest = System.nanoTime() - INTERVAL_NANOS;

  DropReport(ImageName image) {
    this.image = image;
  }

  void add(int dropped) {
    number += dropped;
  }

  long number() {
    return number;
  }

  /** Returns when it is time to tell, 0 for now, {@link Long#MAX_VALUE} if there is nothing. */
  long nanosUntilDue(long now) {
    return number == 0 ? Long.MAX_VALUE : Math.max(0, latest + INTERVAL_NANOS - now);
  }

  boolean isOpen() {
    return number > 0;
  }

  /** Returns the message that tells. */
  byte[] message() {
    String text =
        String.format(
            Locale.ROOT,
            "<%d>%s syschroot[%d]: image %s: %d messages dropped, the queue was full",
            PRIORITY,
            DATE.format(LocalDateTime.now(ZoneId.systemDefault())),
            ProcessHandle.current().pid(),
            image,
            number);
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** It was told. */
  void told(long now) {
    number = 0;
    latest = now;
  }
}
