// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.util.List;
import java.util.Optional;
import org.syschroot.image.Image;
import org.syschroot.launcher.Launcher;
import org.syschroot.path.HostPath;

/**
 * A launcher by which a job can enter its image. Immutable.
 *
 * @param path its place on the native system
 * @param program the name of the program that it runs, such as {@code bash}; empty for the launcher
 *     of the image as a whole
 */
public record BatchLauncher(HostPath path, Optional<String> program) {
  /** Returns those that the settings of an image name. */
  public static List<BatchLauncher> of(Image image) {
    return Launcher.configured(image).stream()
        .map(launcher -> new BatchLauncher(launcher.path(), launcher.name()))
        .toList();
  }

  /** Returns the launcher of an image as a whole, if it has one. */
  public static Optional<BatchLauncher> ofImage(Image image) {
    return of(image).stream().filter(one -> one.program().isEmpty()).findFirst();
  }
}
