// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.daemon;

import java.util.List;
import org.syschroot.image.Image;

/**
 * One input of imuxsock an image, https://www.rsyslog.com/doc/configuration/modules/imuxsock.html.
 */
final class RsyslogConfiguration {
  private final List<Image> images;

  RsyslogConfiguration(List<Image> images) {
    this.images = images;
  }

  /**
   * The pid of the system's, not of the text, as for the native socket. No limit of lines a second:
   * it is counted by pid, and is off by default.
   */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        "# Lines from syschroot images, for rsyslog: put this into /etc/rsyslog.d/syschroot.conf,\n"
            + "# check it with \"rsyslogd -N1\", and restart rsyslog.\n"
            + "# It needs module(load=\"imuxsock\") before it, which /etc/rsyslog.conf of most"
            + " systems has.\n");
    text.append(ImageDev.commentOnOthers(images));
    for (Image image : ImageDev.own(images)) {
      text.append("input(type=\"imuxsock\" Socket=\"").append(ImageDev.log(image));
      text.append("\" CreatePath=\"on\" UsePidFromSystem=\"on\")\n");
    }
    return text.toString();
  }
}
