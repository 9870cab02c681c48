// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Lets options stand after the image's name as well: {@code run IMAGE --user bob -- id}. What
 * follows {@code --} or the command's first word is never looked at.
 */
final class OptionOrder {
  private final String[] words;
  private final CommandSpec spec;

  private OptionOrder(String[] words, CommandSpec spec) {
    this.words = words;
    this.spec = spec;
  }

  /**
   * Returns the words with the options that follow the image moved before it.
   *
   * @throws MissingParameterException if the last of these options lacks its value, for which the
   *     image would be taken
   */
  static String[] optionsBeforeImage(String[] words, CommandSpec spec) {
    return new OptionOrder(words, spec).reorder();
  }

  private String[] reorder() {
    int image = endOfOptions(0);
    if (image >= words.length || words[image].equals("--")) {
      return words;
    }
    int command = endOfOptions(image + 1);
    if (command > words.length) {
      throw new MissingParameterException(
          spec.commandLine(), spec.findOption(words[words.length - 1]), "");
    }
    List<String> ordered = new ArrayList<>(words.length);
    ordered.addAll(List.of(words).subList(0, image));
    ordered.addAll(List.of(words).subList(image + 1, command));
    ordered.add(words[image]);
    ordered.addAll(List.of(words).subList(command, words.length));
    return ordered.toArray(new String[0]);
  }

  /**
   * Returns where the first word stands that is neither an option nor its value; beyond the last
   * word by two if that is an option without its value.
   */
  private int endOfOptions(int start) {
    int i = start;
    while (i < words.length && words[i].startsWith("-") && words[i].length() > 1) {
      if (words[i].equals("--")) {
        return i;
      }
      OptionSpec option = spec.findOption(words[i]);
      i += option != null && option.arity().min() > 0 ? 2 : 1;
    }
    return i;
  }
}
