// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.site;

import java.util.List;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;

/**
 * The user who requests a command in an image, and the command. Immutable.
 *
 * @param identity the user and groups that the command will have
 * @param command the program and its arguments; empty for the image's shell
 */
public record Requester(Identity identity, List<OsString> command) {
  /** Copies the list. */
  public Requester {
    command = List.copyOf(command);
  }
}
