// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The {@code #!} line of a script (execve(2)). Immutable.
 *
 * @param interpreter the first word
 * @param argument the rest of the line, which the kernel passes on as one argument; can be empty
 */
record ScriptLine(String interpreter, String argument) {
  private static final int KERNEL_READS = 256; // BINPRM_BUF_SIZE, linux/binfmts.h
  private static final String BLANK = "[ \t]+";

  /** Reads the line; a text without one is run by the shell, as execvp(3) does. */
  static ScriptLine read(Path script) throws IOException {
    byte[] head;
    try (InputStream in = Files.newInputStream(script)) {
      head = in.readNBytes(KERNEL_READS);
    }
    return parse(new String(head, StandardCharsets.UTF_8)).orElse(new ScriptLine("/bin/sh", ""));
  }

  static Optional<ScriptLine> parse(String head) {
    if (!head.startsWith("#!")) {
      return Optional.empty();
    }
    String line = head.substring(2).split("[\n\0]", 2)[0].replaceAll("^[ \t]+|[ \t]+$", "");
    String[] words = line.split(BLANK, 2);
    return words[0].isEmpty()
        ? Optional.empty()
        : Optional.of(new ScriptLine(words[0], words.length == 1 ? "" : words[1]));
  }

  /** Returns the program that env(1) starts, if the interpreter is env(1). */
  Optional<String> programOfEnv() {
    if (!interpreter.endsWith("/env")) {
      return Optional.empty();
    }
    for (String word : wordsOfEnv()) {
      if (!word.isEmpty() && !word.startsWith("-") && !word.contains("=")) {
        return Optional.of(word);
      }
    }
    return Optional.empty();
  }

  private List<String> wordsOfEnv() {
    // Only -S makes several words of the kernel's one argument; it can follow other letters (-vS).
    String[] option = argument.split("^-[a-zA-Z]*S|^--split-string[= \t]", 2);
    if (option.length == 1) {
      return argument.isEmpty() ? List.of() : List.of(argument);
    }
    List<String> words = new ArrayList<>(Arrays.asList(option[1].trim().split(BLANK)));
    for (int i = 0; i < words.size(); i++) {
      if (List.of("-u", "--unset", "-C", "--chdir").contains(words.get(i))) {
        words.subList(i, Math.min(i + 2, words.size())).clear();
        i--;
      }
    }
    return words;
  }
}
