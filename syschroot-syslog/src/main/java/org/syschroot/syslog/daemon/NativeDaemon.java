// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.daemon;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.syschroot.image.Image;

/** The syslog daemons that there is a configuration for. */
public enum NativeDaemon {
  /** rsyslog, with its module imuxsock. */
  RSYSLOG {
    @Override
    public String configuration(List<Image> images) {
      return new RsyslogConfiguration(images).text();
    }
  },
  /** syslog-ng, with its source unix-dgram. */
  SYSLOG_NG {
    @Override
    public String configuration(List<Image> images) {
      return new SyslogNgConfiguration(images).text();
    }
  },
  /** systemd's journal, which listens nowhere else: its directory is mounted. */
  JOURNALD {
    @Override
    public String configuration(List<Image> images) {
      return new JournaldConfiguration(images).text();
    }
  };

  /**
   * Returns the text that makes this daemon take lines from images, with comments that say where it
   * belongs. An image that has the native {@code /dev} in it is left out with a comment, where that
   * suffices.
   *
   * @throws IllegalArgumentException if the root of an image has characters that the daemon's
   *     configuration would need quoted
   */
  public abstract String configuration(List<Image> images);

  /** Returns the daemon of a name, such as {@code syslog-ng}, or empty. */
  public static Optional<NativeDaemon> of(String name) {
    for (NativeDaemon daemon : values()) {
      if (daemon.toString().equals(name)) {
        return Optional.of(daemon);
      }
    }
    return Optional.empty();
  }

  /** Returns its name as on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
