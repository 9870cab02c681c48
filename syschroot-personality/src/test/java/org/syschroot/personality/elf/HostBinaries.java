// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Real ELF files of the machine that runs the tests. */
final class HostBinaries {
  private HostBinaries() {}

  /** Returns a spread of programs and libraries, each file once. */
  static Collection<Path> sample(int perDirectory) throws IOException {
    Map<Path, Path> byRealPath = new LinkedHashMap<>();
    for (String directory : List.of("/bin", "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib64")) {
      List<Path> found = elfFiles(Path.of(directory), 1);
      spread(found, perDirectory, byRealPath);
    }
    spread(elfFiles(Path.of("/usr/lib"), 3), 2 * perDirectory, byRealPath);
    return byRealPath.values();
  }

  /** Returns the shell, its loader and its libraries, as far as there are such files. */
  static List<Path> shellAndLibraries() throws IOException {
    Path shell = Path.of("/bin/sh");
    if (!Files.exists(shell)) {
      return List.of();
    }
    LibraryClosure closure = LibrarySearch.in(Path.of("/")).closureOf("/bin/sh");
    return Stream.concat(
            Stream.of(shell),
            Stream.concat(closure.loader().stream(), closure.libraries().stream())
                .map(Library::file))
        .toList();
  }

  private static void spread(List<Path> files, int count, Map<Path, Path> byRealPath)
      throws IOException {
    int step = Math.max(1, files.size() / count);
    for (int i = 0; i < files.size(); i += step) {
      byRealPath.putIfAbsent(files.get(i).toRealPath(), files.get(i));
    }
  }

  private static List<Path> elfFiles(Path directory, int depth) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(directory, depth)) {
      return files.sorted().filter(HostBinaries::isReadableElf).toList();
    }
  }

  private static boolean isReadableElf(Path file) {
    try {
      return Files.isRegularFile(file) && Files.isReadable(file) && ElfFile.isElf(file);
    } catch (IOException e) {
      return false;
    }
  }
}
