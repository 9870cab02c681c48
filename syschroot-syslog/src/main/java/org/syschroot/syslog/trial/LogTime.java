// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.trial;

import java.time.ZoneId;
import java.time.ZonedDateTime;

/** The time as syslog(3) writes it, RFC 3164: {@code Nov 4 09:03:07}. */
final class LogTime {
  private static final String[] MONTHS = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
  };

  private LogTime() {}

  static String now() {
    ZonedDateTime now = ZonedDateTime.now(ZoneId.systemDefault());
    return String.format(
        "%s %2d %02d:%02d:%02d",
        MONTHS[now.getMonthValue() - 1],
        now.getDayOfMonth(),
        now.getHour(),
        now.getMinute(),
        now.getSecond());
  }
}
