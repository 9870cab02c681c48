// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.schroot;

import java.nio.file.Path;

/**
 * Something that an image's settings do not say as schroot's configuration does. Immutable.
 *
 * @param file where it stands; not null
 * @param line the line, from 1
 * @param text what it is and what to do about it; not null
 */
public record ImportNote(Path file, int line, String text) {
  @Override
  public String toString() {
    return file + ":" + line + ": " + text;
  }
}
