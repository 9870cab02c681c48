// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.syschroot.path.OsString;

/** The options that a job's script carries in comments, such as {@code #PBS -S /bin/csh}. */
final class Directives {
  private Directives() {}

  /**
   * Returns the words of all directives of a script.
   *
   * @param prefix with which such a line begins
   */
  static List<OsString> of(byte[] script, String prefix) {
    List<OsString> words = new ArrayList<>();
    // Latin-1 takes any byte, and every line is taken apart at ASCII characters only.
    new String(script, StandardCharsets.ISO_8859_1)
        .lines()
        .filter(line -> line.startsWith(prefix))
        .flatMap(line -> Arrays.stream(line.substring(prefix.length()).strip().split("\\s+")))
        .filter(word -> !word.isEmpty() && word.indexOf('\0') < 0)
        .forEach(word -> words.add(OsString.ofBytes(word.getBytes(StandardCharsets.ISO_8859_1))));
    return words;
  }

  /** Returns the value of an option among the directives, such as {@code -S}. */
  static Optional<OsString> value(byte[] script, String prefix, String option) {
    List<OsString> words = of(script, prefix);
    Optional<OsString> value = Optional.empty();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i).toString();
      if (word.equals(option) && i + 1 < words.size()) {
        value = Optional.of(words.get(i + 1));
      } else if (word.startsWith(option) && word.length() > option.length()) {
        value = Optional.of(words.get(i).slice(option.length(), words.get(i).length()));
      }
    }
    return value;
  }
}
