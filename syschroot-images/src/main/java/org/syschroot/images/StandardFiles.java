// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What every image from the host's programs has besides them. Not instantiable. */
final class StandardFiles {
  // Some hosts lack some of them. Not ld.so.cache: it lists libraries that the image has not.
  private static final List<String> NAMES =
      List.of(
          "passwd",
          "group",
          "nsswitch.conf",
          "hosts",
          "host.conf",
          "ld.so.conf",
          "localtime",
          "os-release");
  private static final Map<String, Integer> DIRECTORIES =
      new TreeMap<>(
          Map.of(
              "/dev",
              0755,
              "/proc",
              0755,
              "/sys",
              0755,
              "/tmp",
              01777,
              "/root",
              0700,
              "/home",
              0755,
              "/etc",
              0755,
              "/var/tmp",
              01777,
              "/run",
              0755));

  private StandardFiles() {}

  /** Adds the links of a merged /usr, if the host has them (file-hierarchy(7)). */
  static void addTopLinks(CopiedPaths entries) throws IOException {
    try (DirectoryStream<Path> top =
        Files.newDirectoryStream(Path.of("/"), "{bin,sbin,lib,lib32,lib64,libx32,libo32}")) {
      for (Path path : top) {
        if (Files.isSymbolicLink(path) && Files.isDirectory(path)) {
          entries.add(path);
        }
      }
    }
  }

  static void addFiles(CopiedPaths entries) throws IOException {
    Path etc = Path.of("/etc");
    for (String name : NAMES) {
      addIfFile(etc.resolve(name), entries);
    }
    Path snippets = etc.resolve("ld.so.conf.d");
    if (Files.isDirectory(snippets)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(snippets, "*.conf")) {
        for (Path file : files) {
          addIfFile(file, entries);
        }
      }
    }
  }

  static void addDirectories(CopiedPaths entries) throws IOException {
    for (Map.Entry<String, Integer> directory : DIRECTORIES.entrySet()) {
      entries.addDirectory(Path.of(directory.getKey()), directory.getValue());
    }
  }

  private static void addIfFile(Path file, CopiedPaths entries) throws IOException {
    if (Files.isRegularFile(file)) {
      entries.addResolved(file);
    }
  }
}
