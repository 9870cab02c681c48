// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mountplan;

import java.util.Optional;
import org.syschroot.path.HostPath;

/**
 * A layer above the tree of an image, to which commands write instead of the tree. Immutable.
 *
 * @param directory where it is kept, or empty for one in memory that goes with its command
 */
public record Layer(Optional<HostPath> directory) {
  /** A layer in memory, which goes with the last process of the command. */
  public static final Layer THROW_AWAY = new Layer(Optional.empty());

  /** The word for {@link #THROW_AWAY} in settings. */
  public static final String THROW_AWAY_WORD = "throw-away";

  /** Returns the layer that a directory keeps. */
  public static Layer keptIn(HostPath directory) {
    return new Layer(Optional.of(directory));
  }

  /** Returns the form of the settings. */
  @Override
  public String toString() {
    return directory.map(HostPath::toString).orElse(THROW_AWAY_WORD);
  }
}
