// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.daemon;

import java.util.List;
import org.syschroot.image.Image;

/** One source with a unix-dgram an image. */
final class SyslogNgConfiguration {
  private final List<Image> images;

  SyslogNgConfiguration(List<Image> images) {
    this.images = images;
  }

  String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        "# Lines from syschroot images, for syslog-ng: put this into\n"
            + "# /etc/syslog-ng/conf.d/syschroot.conf, check it with \"syslog-ng --syntax-only\", and\n"
            + "# reload syslog-ng. Replace d_syslog by your destinations if syslog-ng.conf does"
            + " not define it.\n");
    text.append(ImageDev.commentOnOthers(images));
    List<Image> own = ImageDev.own(images);
    if (own.isEmpty()) {
      return text.toString();
    }
    text.append("source s_syschroot {\n");
    for (Image image : own) {
      text.append("    unix-dgram(\"").append(ImageDev.log(image)).append("\" perm(0666));\n");
    }
    text.append("};\n");
    text.append("log { source(s_syschroot); destination(d_syslog); };\n");
    return text.toString();
  }
}
