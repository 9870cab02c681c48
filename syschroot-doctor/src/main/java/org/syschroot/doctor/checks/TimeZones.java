// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.image.SharedItem;

/**
 * A time zone that is not the native one (localtime(5), tzfile(5)). The files of two releases
 * differ although they mean the same, so it is the rule for today at their end that is compared.
 */
final class TimeZones implements Check {
  private static final String FILE = "/etc/localtime";
  private static final int LIMIT = 1 << 20;
  private static final String UTC = "UTC0";

  @Override
  public List<Finding> examine(Examination examination) {
    byte[] host = read(examination.host());
    byte[] image = read(examination.inside());
    String hostRule = rule(host);
    String imageRule = rule(image);
    boolean same =
        (hostRule.isEmpty() || imageRule.isEmpty())
            ? Arrays.equals(host, image)
            : hostRule.equals(imageRule);
    if (same) {
      return List.of();
    }
    return List.of(finding(examination, hostRule, imageRule));
  }

  private static Finding finding(Examination examination, String hostRule, String imageRule) {
    return Finding.warning("time-zone-differs")
        .effect("date, ls -l and log messages in the image show another time than on the host")
        .cause(
            "the timezone of the host is "
                + shown(hostRule)
                + ", that of the image is "
                + shown(imageRule))
        .follow(examination.image(), SharedItem.TIMEZONE)
        .path(examination.inside().shown(FILE))
        .build();
  }

  private static String shown(String rule) {
    return rule.isEmpty() ? "in an unknown format" : rule;
  }

  private static byte[] read(SystemFiles files) {
    return files
        .find(FILE)
        .filter(file -> file.status().isRegularFile())
        .flatMap(file -> files.read(file, LIMIT))
        .orElse(new byte[0]);
  }

  /** Returns the rule at the end of a file of version 2 or later, empty if there is none. */
  static String rule(byte[] file) {
    if (file.length == 0) {
      return UTC; // what libc takes without the file
    }
    String text = new String(file, StandardCharsets.ISO_8859_1);
    if (!text.startsWith("TZif") || text.charAt(4) < '2' || !text.endsWith("\n")) {
      return "";
    }
    int start = text.lastIndexOf('\n', text.length() - 2);
    return text.substring(start + 1, text.length() - 1);
  }
}
