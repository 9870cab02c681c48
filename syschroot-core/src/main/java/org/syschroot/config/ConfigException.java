// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import java.io.IOException;
import org.syschroot.image.Origin;

/**
 * A configuration file that cannot be accepted: {@code FILE:LINE:COLUMN: what is wrong and what is
 * allowed}.
 */
public final class ConfigException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient Origin origin;

  /** Creates the refusal of what stands at a place. */
  public ConfigException(Origin origin, String message) {
    super(origin + ": " + message);
    this.origin = origin;
  }

  /** Returns the place. */
  public Origin origin() {
    return origin;
  }
}
