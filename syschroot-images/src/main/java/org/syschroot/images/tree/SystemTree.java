// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.tree;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a directory must hold to be the root directory of a Linux system. Stateless. */
public final class SystemTree {
  private SystemTree() {}

  /**
   * Returns what is wrong with a directory that holds no system, and what to do if it looks like
   * something else that an image can be made from; empty of one that does.
   *
   * @throws IOException if it cannot be read
   */
  public static Optional<String> complaint(Path directory) throws IOException {
    if (hasPrograms(directory)) {
      return Optional.empty();
    }
    return Optional.of(
        "contains no Linux system: it has neither bin nor usr"
            + likeness(directory).map(text -> "\nhint: " + text).orElse(""));
  }

  private static boolean hasPrograms(Path directory) {
    return Files.exists(directory.resolve("bin"), LinkOption.NOFOLLOW_LINKS)
        || Files.isDirectory(directory.resolve("usr"));
  }

  private static Optional<String> likeness(Path directory) throws IOException {
    if (Files.exists(directory.resolve("manifest.json"), LinkOption.NOFOLLOW_LINKS)) {
      return Optional.of("it looks like an archive of Docker: --from docker-archive:FILE");
    }
    if (Files.exists(directory.resolve("oci-layout"), LinkOption.NOFOLLOW_LINKS)) {
      return Optional.of("it looks like an OCI image: --from oci-archive:FILE, or --from oci:DIR");
    }
    List<String> systems = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) && hasPrograms(entry)) {
          systems.add(String.valueOf(entry.getFileName()));
        }
      }
    }
    return systems.size() == 1
        ? Optional.of(
            "the system is in its directory "
                + systems.get(0)
                + ": use that, or an archive of its content, made with: tar -C "
                + systems.get(0)
                + " -cf FILE .")
        : Optional.empty();
  }
}
