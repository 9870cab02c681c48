// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.describe;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.syschroot.path.OsString;
import org.syschroot.text.Escaped;

/** Forms in which strings of the operating system are shown. */
public final class Shown {
  private static final String PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  private static final String SAFE = PLAIN + "0123456789%+,-./:=@_";

  private Shown() {}

  /** Returns the text if it is UTF-8, else a map with the bytes in hexadecimal digits. */
  static Object value(OsString string) {
    Optional<String> text = string.toUtf8();
    return text.isPresent()
        ? text.get()
        : Map.of("bytes", HexFormat.of().formatHex(string.toBytes()));
  }

  static List<Object> values(List<OsString> strings) {
    return strings.stream().map(Shown::value).toList();
  }

  /** Returns words for people, those with blanks or other special characters in quotes. */
  public static String words(List<OsString> words) {
    return words.stream().map(Shown::word).collect(Collectors.joining(" "));
  }

  private static String word(OsString word) {
    String text = word.toString();
    boolean plain = !text.isEmpty() && text.chars().allMatch(c -> SAFE.indexOf(c) >= 0);
    return plain ? text : "'" + text.replace("'", "'\\''") + "'";
  }

  /** Returns a text on one line, every control character as {@code \xNN}. */
  public static String line(String text) {
    return Escaped.line(text);
  }
}
