// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import org.syschroot.cli.frame.Console;
import org.syschroot.syslog.relay.RelayEvent;
import org.syschroot.syslog.relay.RelayListener;

/** Prints what happens in the relay: problems always, the rest unless asked to be quiet. */
final class RelayEvents implements RelayListener {
  private final Console console;

  RelayEvents(Console console) {
    this.console = console;
  }

  @Override
  public synchronized void happened(RelayEvent event) {
    if (event.isProblem()) {
      console.error(event.message());
    } else {
      console.notice(event.message());
    }
  }
}
