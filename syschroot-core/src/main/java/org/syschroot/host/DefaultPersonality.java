// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.host;

import java.io.IOException;
import java.util.Optional;
import org.syschroot.image.Image;
import org.syschroot.image.Personality;

/** Tells the execution domain of an image whose settings name none. Implementations only look. */
@FunctionalInterface
public interface DefaultPersonality {
  /** Keeps the caller's domain in every image. */
  DefaultPersonality NONE = image -> Optional.empty();

  /**
   * Returns the domain, or empty to keep the caller's.
   *
   * @throws IOException if the image cannot be looked at
   */
  Optional<Personality> of(Image image) throws IOException;
}
