// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The configuration files of schedulers on this host. What cannot be read is taken for missing:
 * then a scheduler's defaults count. Immutable.
 *
 * @param root the root directory of the native system, on any file system
 * @param hostName the host's name
 */
public record SchedulerFiles(Path root, String hostName) {
  private static final String HOST_NAME = "proc/sys/kernel/hostname";

  /** Returns those of the running system. */
  public static SchedulerFiles running() {
    Path root = Path.of("/");
    List<String> name = new SchedulerFiles(root, "").lines("/" + HOST_NAME);
    return new SchedulerFiles(root, name.isEmpty() ? "localhost" : name.get(0));
  }

  /** Returns the host's name up to the first dot. */
  String shortName() {
    int dot = hostName.indexOf('.');
    return dot < 0 ? hostName : hostName.substring(0, dot);
  }

  boolean has(String path) {
    return Files.isRegularFile(at(path));
  }

  boolean hasDirectory(String path) {
    return Files.isDirectory(at(path));
  }

  private Path at(String path) {
    return root.resolve(path.substring(1));
  }

  /** Returns the lines of a file, none if it cannot be read. */
  List<String> lines(String path) {
    try {
      return Files.isReadable(at(path))
          ? Files.readAllLines(at(path), StandardCharsets.ISO_8859_1)
          : List.of();
    } catch (IOException | UncheckedIOException unreadable) {
      return List.of();
    }
  }

  /** Returns the paths of the files in a directory, sorted, none if it cannot be read. */
  List<String> filesIn(String directory) {
    List<String> files = new ArrayList<>();
    if (Files.isDirectory(at(directory))) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(at(directory))) {
        entries.forEach(entry -> files.add(directory + "/" + entry.getFileName()));
      } catch (IOException unreadable) {
        return List.of();
      }
    }
    Collections.sort(files);
    return files;
  }
}
