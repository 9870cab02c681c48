// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.mounts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.syschroot.cli.frame.Site;
import org.syschroot.image.Image;
import org.syschroot.images.version.Version;
import org.syschroot.images.version.VersionStore;

/** Which versions images are to be, as a file for all nodes of a cluster says. Immutable. */
final class WantedDigests {
  /** Wants nothing of any image. */
  static final WantedDigests NONE = new WantedDigests(Map.of(), "");

  private final Map<String, String> digests;
  private final String file;

  private WantedDigests(Map<String, String> digests, String file) {
    this.digests = digests;
    this.file = file;
  }

  /**
   * Reads a file with lines {@code IMAGE DIGEST}. Empty lines and those with {@code #} do not
   * count.
   *
   * @throws IOException if it cannot be read, or another line is in it
   */
  static WantedDigests read(Path file) throws IOException {
    Map<String, String> digests = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] words = line.strip().split("\\s+");
      if (words.length != 2 || !words[1].matches("sha256:[0-9a-f]{64}")) {
        throw new IOException(
            file + ": \"" + line + "\": a line must be a name of an image and a digest sha256:...");
      }
      digests.put(words[0], words[1]);
    }
    return new WantedDigests(Map.copyOf(digests), file.toString());
  }

  /** Returns what is different for an image, for people to read; empty if nothing is. */
  Optional<String> difference(Site site, Image image) throws IOException {
    String wanted = digests.get(image.name().value());
    if (wanted == null) {
      return Optional.empty();
    }
    String found =
        VersionStore.current(site.kernel(), image.root(), site.effectiveUid())
            .map(Version::digest)
            .orElse("");
    return found.equals(wanted)
        ? Optional.empty()
        : Optional.of(
            "version "
                + (found.isEmpty() ? "without digest" : found)
                + ", "
                + file
                + " wants "
                + wanted);
  }
}
