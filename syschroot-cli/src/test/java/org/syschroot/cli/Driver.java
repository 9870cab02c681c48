// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The state of a process, from which the script {@code driver.pl} starts a command. Bytes are those
 * of Latin-1 strings.
 */
public final class Driver {
  private final List<String> lines = new ArrayList<>();

  /** Adds a line of the script's language. */
  public Driver line(String line) {
    lines.add(line);
    return this;
  }

  /** Adds a line whose values are bytes. */
  public Driver bytes(String word, List<String> values) {
    StringBuilder line = new StringBuilder(word);
    for (String value : values) {
      line.append(' ').append(hex(value));
    }
    return line(line.toString());
  }

  static String hex(String latin1) {
    return HexFormat.of().formatHex(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Returns the program that becomes the command, in {@code directory} with its own files. */
  public Program starting(List<String> command, Path directory) throws IOException {
    return Program.of(words(command, directory));
  }

  /** Returns the words of that program. */
  List<String> words(List<String> command, Path directory) throws IOException {
    Path script = directory.resolve("driver.pl");
    if (!Files.exists(script)) {
      try (InputStream resource = Driver.class.getResourceAsStream("driver.pl")) {
        Files.copy(resource, script);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    List<String> all = new ArrayList<>(lines);
    StringBuilder argv = new StringBuilder("argv");
    command.forEach(word -> argv.append(' ').append(hex(word)));
    all.add(argv.toString());
    all.add("execute");
    Path specification = Files.createTempFile(directory, "driver", ".txt");
    Files.write(specification, all, StandardCharsets.ISO_8859_1);
    return List.of("perl", script.toString(), specification.toString());
  }
}
