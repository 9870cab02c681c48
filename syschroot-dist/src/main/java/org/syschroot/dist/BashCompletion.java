// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The completion for bash. Not picocli's own, which knows only lists of words that are fixed when
 * it is made, and neither options behind an operand nor a command of another program.
 */
final class BashCompletion {
  private BashCompletion() {}

  /** Returns the declarations of all subcommands, as branches of a case statement. */
  static String declarations(CommandSpec top) {
    return top.subcommands().values().stream()
        .map(each -> branch(each.getCommandSpec()))
        .collect(Collectors.joining("\n"));
  }

  static String commands(CommandSpec top) {
    return String.join(" ", top.subcommands().keySet());
  }

  /** Returns the options that can stand before a subcommand. */
  static String globalOptions(CommandSpec top) {
    return top.options().stream().map(OptionSpec::longestName).collect(Collectors.joining(" "));
  }

  private static String branch(CommandSpec command) {
    List<String> options = new ArrayList<>();
    StringBuilder takes = new StringBuilder();
    for (OptionSpec option : command.options()) {
      if (option.hidden()) {
        continue;
      }
      options.addAll(Arrays.asList(option.names()));
      if (option.arity().max() > 0 && !option.typeInfo().isBoolean()) {
        for (String name : option.names()) {
          String kind = word(CompletionWord.ofOption(option)).replace("...", "");
          takes.append(" [").append(name).append("]=\"").append(kind).append('"');
        }
      }
    }
    String operands =
        command.positionalParameters().stream()
            .flatMap(each -> CompletionWord.ofLabel(each.paramLabel()).stream())
            .map(BashCompletion::word)
            .collect(Collectors.joining(" "));
    return """
                %s)
                    options="%s"
                    operands="%s"
                    takes=(%s)
                    ;;"""
        .formatted(command.name(), String.join(" ", options), operands, takes.toString().strip())
        .indent(8)
        .stripTrailing();
  }

  static String word(CompletionWord operand) {
    String words = operand.kind().equals("words") ? ":" + String.join(":", operand.words()) : "";
    return operand.kind() + words + (operand.repeated() ? "..." : "");
  }
}
