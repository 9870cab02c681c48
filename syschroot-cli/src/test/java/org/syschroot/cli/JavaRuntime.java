// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** A Java runtime that the command can be started with. */
public record JavaRuntime(Path home, int version) {
  private static final Path ALL = Path.of("/usr/lib/jvm");

  /** Returns JDK 17 and the newest other one, as far as they are installed. */
  public static Stream<JavaRuntime> matrix() throws IOException {
    try (Stream<Path> homes = Files.list(ALL)) {
      var found =
          homes
              .filter(home -> Files.isExecutable(home.resolve("bin/java")))
              .flatMap(home -> of(home).stream())
              .sorted((a, b) -> b.version - a.version)
              .toList();
      Stream<JavaRuntime> newest = found.stream().filter(java -> java.version > 17).limit(1);
      Stream<JavaRuntime> oldest = found.stream().filter(java -> java.version == 17).limit(1);
      return Stream.concat(oldest, newest).toList().stream();
    }
  }

  private static Optional<JavaRuntime> of(Path home) {
    try (Stream<String> lines = Files.lines(home.resolve("release"))) {
      return lines
          .filter(line -> line.startsWith("JAVA_VERSION=\""))
          .map(line -> line.substring(14).split("[.\"]", 2)[0])
          .map(version -> new JavaRuntime(home, Integer.parseInt(version)))
          .findFirst();
    } catch (IOException | NumberFormatException notAJdk) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return "Java " + version;
  }
}
