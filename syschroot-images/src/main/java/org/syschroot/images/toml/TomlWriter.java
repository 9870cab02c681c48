// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.toml;

import java.util.List;
import java.util.stream.Collectors;

/** Builds a TOML text, with a key on each line (toml.io v1.0.0). For one thread. */
public final class TomlWriter {
  private final StringBuilder text = new StringBuilder();

  /** Creates an empty text. */
  public TomlWriter() {}

  /** Adds a comment, of one line. */
  public TomlWriter comment(String line) {
    text.append("# ").append(line).append('\n');
    return this;
  }

  /** Begins a table. */
  public TomlWriter table(String name) {
    text.append("\n[").append(name).append("]\n");
    return this;
  }

  /** Adds a string. */
  public TomlWriter string(String key, String value) {
    return raw(key, quote(value));
  }

  /** Adds a list of strings. */
  public TomlWriter strings(String key, List<String> values) {
    return raw(
        key, values.stream().map(TomlWriter::quote).collect(Collectors.joining(", ", "[", "]")));
  }

  private TomlWriter raw(String key, String value) {
    text.append(key).append(" = ").append(value).append('\n');
    return this;
  }

  /** Returns a basic string: control characters, quotes and backslashes must be escaped in it. */
  static String quote(String value) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\b' -> quoted.append("\\b");
        case '\t' -> quoted.append("\\t");
        case '\n' -> quoted.append("\\n");
        case '\f' -> quoted.append("\\f");
        case '\r' -> quoted.append("\\r");
        default -> {
          if (c < ' ' || c == 0x7f) {
            quoted.append(String.format("\\u%04X", (int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
