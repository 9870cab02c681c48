// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/** Gets log lines out of images. Start with {@link org.syschroot.syslog.relay.SyslogRelay}. */
module org.syschroot.syslog {
  requires transitive org.syschroot.core;
  requires transitive org.syschroot.mounts;
  requires static org.jspecify;

  exports org.syschroot.syslog.relay;
}
