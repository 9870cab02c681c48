// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.schroot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.syschroot.config.FileTrust;

/**
 * The files that customise the setup of chroots. Immutable.
 *
 * @param directory the directory that their names are relative to, such as {@code /etc/schroot}
 * @param trust decides whether a file may be relied on
 */
record Profiles(Path directory, FileTrust trust) {
  Path file(String name) {
    return directory.resolve(name);
  }

  boolean has(String name) {
    return Files.isRegularFile(file(name));
  }

  Fstab fstab(String name) throws IOException {
    return Fstab.parse(file(name), SchrootImport.lines(file(name), trust));
  }

  /** Returns the lines of a file that are not comments. */
  List<Line> entries(String name) throws IOException {
    List<String> lines = SchrootImport.lines(file(name), trust);
    return java.util.stream.IntStream.range(0, lines.size())
        .mapToObj(index -> new Line(index + 1, lines.get(index).strip()))
        .filter(line -> !line.text().isEmpty() && !line.text().startsWith("#"))
        .toList();
  }

  /** A line and its number, from 1. */
  record Line(int number, String text) {}
}
