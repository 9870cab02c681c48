// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

/** Builds a manual page in the language of man(7). For one thread. */
final class Roff {
  private static final int LINE_LENGTH = 76;

  private final StringBuilder page = new StringBuilder();

  /** Adds a line as it is. */
  Roff request(String line) {
    page.append(line).append('\n');
    return this;
  }

  Roff section(String title) {
    return request(".SH " + quoted(title));
  }

  /** Adds text, in lines that are short enough to edit. */
  Roff text(String text) {
    StringBuilder line = new StringBuilder();
    for (String word : text.strip().split("\\s+")) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > LINE_LENGTH) {
        textLine(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    return textLine(line.toString());
  }

  private Roff textLine(String line) {
    String escaped = escape(line);
    // A control character at the beginning of a line would make it a request.
    return request(escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped);
  }

  /** Adds a paragraph with a tag, which is a line of requests or fonts. */
  Roff tagged(String tag, String text) {
    return request(".TP").request(tag).text(text);
  }

  /** Adds lines that stay lines. */
  Roff verbatim(String text) {
    request(".nf").request(".RS 4");
    text.lines().forEach(line -> request(line.isBlank() ? "\\&" : escape(line)));
    return request(".RE").request(".fi");
  }

  static String bold(String text) {
    return "\\fB" + escape(text) + "\\fR";
  }

  static String italic(String text) {
    return "\\fI" + escape(text) + "\\fR";
  }

  /** A hyphen is typed as such by whoever copies it, only if it is a minus. */
  static String escape(String text) {
    return text.replace("\\", "\\e").replace("-", "\\-");
  }

  /** Returns one argument of a request. */
  static String quoted(String text) {
    return '"' + escape(text).replace("\"", "\\(dq") + '"';
  }

  @Override
  public String toString() {
    return page.toString();
  }
}
