// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality;

import java.util.Locale;
import java.util.Optional;
import org.syschroot.image.ImageName;

/**
 * Where a process is. Immutable.
 *
 * @param place in an image, on the native system, or elsewhere
 * @param image the image, if it is in one
 * @param evidence what tells it
 * @param marker the value of {@code SYSCHROOT_IMAGE} that it was started with, whatever it is worth
 */
public record Whereabouts(
    Place place, Optional<ImageName> image, Evidence evidence, Optional<String> marker) {

  /** What the root directory of a process belongs to. */
  public enum Place {
    /** An image. */
    IMAGE,
    /** The native system. */
    NATIVE,
    /** Another root directory, which no setting and no marker names. */
    ELSEWHERE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What tells where a process is. */
  public enum Evidence {
    /** Its root directory, by device and inode. */
    ROOT_DIRECTORY,
    /**
     * Its marker alone, which nothing contradicts: seen from inside, an image's root directory has
     * nothing to be compared with.
     */
    MARKER,
    /** Nothing speaks against it. */
    NONE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Returns that a process is in an image. */
  public static Whereabouts inImage(ImageName image, Evidence evidence, Optional<String> marker) {
    return new Whereabouts(Place.IMAGE, Optional.of(image), evidence, marker);
  }

  static Whereabouts outside(Place place, Evidence evidence, Optional<String> marker) {
    return new Whereabouts(place, Optional.empty(), evidence, marker);
  }

  /** Returns the name of the image, or {@code native} or {@code elsewhere}. */
  @Override
  public String toString() {
    return image.map(ImageName::toString).orElseGet(place::toString);
  }
}
