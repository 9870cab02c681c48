// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.caller.SearchPath;
import org.syschroot.path.OsString;

/**
 * Looks for programs along a {@code PATH}. Its relative directories are left out: what lies in the
 * current directory is not the host's. Immutable.
 *
 * @param directories absolute; copied
 */
record ProgramSearch(List<Path> directories) {
  ProgramSearch {
    directories = List.copyOf(directories);
  }

  static ProgramSearch along(@Nullable String path) {
    SearchPath search = path == null ? SearchPath.USUAL : SearchPath.of(OsString.of(path));
    return new ProgramSearch(
        search.directories().stream()
            .flatMap(directory -> directory.toUtf8().stream())
            .filter(directory -> directory.startsWith("/"))
            .map(Path::of)
            .toList());
  }

  /** Returns this search with the usual directories after the others. */
  ProgramSearch orUsual() {
    return along(this + ":" + SearchPath.USUAL);
  }

  /** Finds a program by a name without slash or by an absolute path. */
  Optional<Path> find(String program) {
    if (program.startsWith("/")) {
      return Optional.of(Path.of(program)).filter(ProgramSearch::isProgram);
    }
    if (program.isEmpty() || program.contains("/")) {
      return Optional.empty();
    }
    return directories.stream()
        .map(directory -> directory.resolve(program))
        .filter(ProgramSearch::isProgram)
        .findFirst();
  }

  /**
   * Finds a program.
   *
   * @param debianPackage what brings it
   * @throws CreateException if it is not installed
   */
  Path required(String program, String debianPackage) throws CreateException {
    return find(program)
        .orElseThrow(
            () ->
                new CreateException(
                    program
                        + " is not installed (looked in "
                        + this
                        + "): apt-get install "
                        + debianPackage));
  }

  private static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }

  @Override
  public String toString() {
    return String.join(":", directories.stream().map(Path::toString).toList());
  }
}
