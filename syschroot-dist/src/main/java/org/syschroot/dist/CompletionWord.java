// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/**
 * What can stand in one place of a command line, for completion. It follows from the label that the
 * help shows, so that a declaration needs nothing but its label.
 *
 * @param kind {@code image}, {@code directory}, {@code file}, {@code user}, {@code command} of the
 *     host, {@code program} of the image, {@code words} or {@code anything}
 * @param words the words that are allowed, for {@code words}; copied
 * @param repeated whether there may be more of the same
 */
record CompletionWord(String kind, List<String> words, boolean repeated) {
  CompletionWord {
    words = List.copyOf(words);
  }

  /** Returns what an option takes: the words it names, or what its label says. */
  static CompletionWord ofOption(OptionSpec option) {
    if (option.completionCandidates() == null) {
      return ofLabel(option.paramLabel()).get(0);
    }
    List<String> words = new ArrayList<>();
    option.completionCandidates().forEach(words::add);
    return new CompletionWord("words", words, false);
  }

  /** Reads a label such as {@code IMAGE [--] [COMMAND [ARG...]]} or {@code text|json|sh}. */
  static List<CompletionWord> ofLabel(String label) {
    List<CompletionWord> operands = new ArrayList<>();
    // An option of a word, as in SOURCE[:TARGET], is no word of its own.
    String plain = label.replaceAll("(?<=\\S)\\[.*", "").replaceAll("[\\[\\]()]", " ");
    for (String word : plain.strip().split("\\s+")) {
      if (word.equals("--")) {
        continue;
      }
      boolean repeated = word.endsWith("...");
      String name = repeated ? word.substring(0, word.length() - 3) : word;
      if (name.matches("[a-z-]+(\\|[a-z-]+)*")) {
        operands.add(new CompletionWord("words", List.of(name.split("\\|")), repeated));
      } else if (name.equals("COMMAND")) {
        operands.add(new CompletionWord("program", List.of(), true));
        break;
      } else {
        operands.add(new CompletionWord(kind(name), List.of(), repeated));
      }
    }
    return operands;
  }

  private static String kind(String name) {
    return switch (name) {
      case "IMAGE" -> "image";
      case "DIR" -> "directory";
      case "FILE", "SOCKET", "SOURCE" -> "file";
      case "PROGRAM" -> "command";
      default -> name.startsWith("NAME|UID") ? "user" : "anything";
    };
  }
}
