// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.pages;

import java.util.List;
import java.util.regex.Pattern;
import org.tomlj.Toml;

/**
 * A block of code in a page. Immutable.
 *
 * @param page the page's name, as {@code docs/mounts.md}
 * @param line the line of its first line, from 1
 * @param language what the fence names, empty for none and for an indented block
 * @param lines the block, without fences or indentation; copied
 */
record CodeBlock(String page, int line, String language, List<String> lines) {
  private static final Pattern COMMAND = Pattern.compile("(\\$ )?(\\S*/)?syschroot( .*|$)");
  private static final List<String> SHELL = List.of("sh", "bash", "console");

  CodeBlock {
    lines = List.copyOf(lines);
  }

  /** What a block is for. */
  enum Kind {
    /** To be typed, and run by the test of the page. */
    COMMANDS,
    /** Settings of an image, or defaults; the test reads them as a configuration. */
    SETTINGS,
    /** Something else, and the fence says what. */
    NAMED,
    /** Nobody knows: the page has to say what it is, or the list of what is not run. */
    UNKNOWN
  }

  Kind kind() {
    if (SHELL.contains(language)
        || language.isEmpty() && lines.stream().anyMatch(COMMAND.asMatchPredicate())) {
      return Kind.COMMANDS;
    }
    if (language.equals("toml") || language.isEmpty() && !Toml.parse(text()).hasErrors()) {
      return Kind.SETTINGS;
    }
    return language.isEmpty() ? Kind.UNKNOWN : Kind.NAMED;
  }

  boolean showsOutput() {
    return language.equals("console");
  }

  String text() {
    return String.join("\n", lines) + "\n";
  }

  String place() {
    return page + ":" + line;
  }
}
