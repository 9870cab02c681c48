// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

/**
 * Refuses text that the parser, which is recursive and remembers every token, could only fail on:
 * deep nesting, long dotted keys, very many values, and strings that no setting can hold. One look
 * at each character. For one text.
 */
final class TomlBounds {
  static final int MOST_NESTED = 16;
  static final int MOST_KEY_PARTS = 16;
  static final int MOST_TOKENS = 200_000;

  /** More than two paths, each of PATH_MAX bytes. */
  static final int LONGEST_WORD = 16_384;

  private final TomlText text;
  private final String content;
  private int at;
  private int nested;
  private int dots;
  private int tokens;
  private int wordStart;

  private TomlBounds(TomlText text) {
    this.text = text;
    this.content = text.content();
  }

  static void check(TomlText text) throws ConfigException {
    new TomlBounds(text).run();
  }

  private void run() throws ConfigException {
    while (at < content.length()) {
      char c = content.charAt(at);
      if (c == '"' || c == '\'') {
        endWord();
        skipString(c);
        wordStart = at;
      } else if (c == '#') {
        endWord();
        skipComment();
        wordStart = at;
      } else {
        take(c);
        at++;
      }
    }
    endWord();
  }

  private void take(char c) throws ConfigException {
    switch (c) {
      case '[', '{' -> {
        nested++;
        dots = 0;
      }
      case ']', '}' -> {
        nested = Math.max(0, nested - 1);
        dots = 0;
      }
      case '.' -> dots++;
      case ',', '=', '\n' -> dots = 0;
      case ' ', '\t', '\r' -> {
        endWord();
        wordStart = at + 1;
        return;
      }
      default -> {
        return;
      }
    }
    endWord();
    wordStart = at + 1;
    tokens++;
    refuseIf(nested > MOST_NESTED, "is nested more than " + MOST_NESTED + " deep");
    refuseIf(dots >= MOST_KEY_PARTS, "is a key of more than " + MOST_KEY_PARTS + " parts");
    refuseIf(tokens > MOST_TOKENS, "has more than " + MOST_TOKENS + " values and lines");
  }

  private void skipString(char quote) throws ConfigException {
    int start = at;
    String triple = String.valueOf(quote).repeat(3);
    String end = content.startsWith(triple, at) ? triple : String.valueOf(quote);
    at += end.length();
    while (at < content.length() && !content.startsWith(end, at)) {
      if (end.length() == 1 && content.charAt(at) == '\n') {
        break; // The parser tells of a string that has no end.
      }
      at += quote == '"' && content.charAt(at) == '\\' ? 2 : 1;
    }
    at = Math.min(at + end.length(), content.length());
    tokens++;
    refuseIfLong(start);
  }

  private void skipComment() {
    int end = content.indexOf('\n', at);
    at = end < 0 ? content.length() : end;
  }

  private void endWord() throws ConfigException {
    refuseIfLong(wordStart);
  }

  private void refuseIfLong(int start) throws ConfigException {
    if (at - start > LONGEST_WORD) {
      throw new ConfigException(
          text.originAt(start), "is longer than " + LONGEST_WORD + " characters, the most allowed");
    }
  }

  private void refuseIf(boolean tooMuch, String what) throws ConfigException {
    if (tooMuch) {
      throw new ConfigException(text.originAt(at), what + ", the most allowed");
    }
  }
}
