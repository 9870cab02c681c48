// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cdi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.syschroot.config.FileTrust;

/** The files of a directory: those that end with {@code .json} or {@code .yaml}, as CDI says. */
final class CdiDirectory {
  /** One for 500 devices has less than half of it. */
  private static final int MOST_BYTES = 4 << 20;

  private final Path directory;
  private final FileTrust trust;

  CdiDirectory(Path directory, FileTrust trust) {
    this.directory = directory;
    this.trust = trust;
  }

  /**
   * Returns what they say, in the order of their names; nothing if there is no such directory.
   *
   * @throws IllegalArgumentException if one is not a file of the interface
   * @throws IOException if one cannot be read, or others than root could have changed it
   */
  List<CdiSpecification> specifications() throws IOException {
    List<CdiSpecification> found = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      List<Path> files = new ArrayList<>();
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "*.{json,yaml}")) {
        entries.forEach(files::add);
      }
      Collections.sort(files);
      for (Path file : files) {
        found.add(CdiReader.read(file.toString(), text(file)));
      }
    }
    return found;
  }

  private String text(Path file) throws IOException {
    // /var/run is a link; what it leads to is looked at on the whole way.
    Path real = file.toRealPath();
    trust.check(real);
    // A pipe would be waited for.
    if (!Files.isRegularFile(real)) {
      throw new IllegalArgumentException(file + " is not a regular file: remove it");
    }
    byte[] bytes;
    try (InputStream input = Files.newInputStream(real)) {
      bytes = input.readNBytes(MOST_BYTES + 1);
    }
    if (bytes.length > MOST_BYTES) {
      throw new IllegalArgumentException(file + " has more than " + MOST_BYTES + " bytes");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(file + " is not text in UTF-8", e);
    }
  }
}
