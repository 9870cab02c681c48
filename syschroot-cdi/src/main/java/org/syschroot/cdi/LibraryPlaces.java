// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cdi;

import java.util.List;
import org.syschroot.image.Image;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;

/**
 * Where libraries are in an image. CDI has the directories of the host's distribution: {@code
 * /usr/lib/x86_64-linux-gnu} on Debian is {@code /usr/lib64} in an image of Red Hat, whose dynamic
 * linker looks nowhere else.
 */
final class LibraryPlaces {
  private static final List<List<String>> SAME =
      List.of(
          List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib64"),
          List.of("/usr/lib/aarch64-linux-gnu", "/usr/lib64"));

  private final Image image;
  private final HostFiles host;

  LibraryPlaces(Image image, HostFiles host) {
    this.image = image;
    this.host = host;
  }

  /** Returns the place in the image for what is to be at a place. */
  ImagePath of(ImagePath wanted) {
    for (List<String> directories : SAME) {
      for (String directory : directories) {
        if (wanted.startsWith(ImagePath.of(directory)) && !has(directory)) {
          String rest = wanted.toString().substring(directory.length());
          for (String other : directories) {
            if (has(other)) {
              return ImagePath.of(other + rest);
            }
          }
        }
      }
    }
    return wanted;
  }

  private boolean has(String directory) {
    return host.kind(HostPath.of(image.root() + directory)) == HostFiles.Kind.DIRECTORY;
  }
}
