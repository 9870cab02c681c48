// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.schroot;

import java.nio.file.Path;
import java.util.List;
import org.syschroot.image.ImageName;

/**
 * An image that a chroot of schroot's configuration becomes. Immutable.
 *
 * @param name the name that selects it; not null
 * @param aliases further names; copied
 * @param file where the chroot is defined; not null
 * @param line the line of its name, from 1
 * @param settings the text of the configuration file; not null
 */
public record ImportedImage(
    ImageName name, List<ImageName> aliases, Path file, int line, String settings) {
  /** Copies the list. */
  public ImportedImage {
    aliases = List.copyOf(aliases);
  }
}
