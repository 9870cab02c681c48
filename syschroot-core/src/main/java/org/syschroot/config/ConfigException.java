// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.Origin;

/**
 * A configuration file that cannot be accepted: {@code FILE:LINE:COLUMN: what is wrong and what is
 * allowed}.
 */
public final class ConfigException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient @Nullable Origin origin;

  /**
   * Creates the refusal of what stands at a place.
   *
   * @param origin the place; null for an image that no file describes
   */
  public ConfigException(@Nullable Origin origin, String message) {
    super(origin == null ? message : origin + ": " + message);
    this.origin = origin;
  }

  /** Returns the place; empty for an image that no file describes. */
  public Optional<Origin> origin() {
    return Optional.ofNullable(origin);
  }

  /** Returns what is wrong. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
