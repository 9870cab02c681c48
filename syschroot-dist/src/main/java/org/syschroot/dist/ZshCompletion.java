// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The completion for zsh, in the language of its function {@code _arguments}; see zshcompsys(1).
 */
final class ZshCompletion {
  private ZshCompletion() {}

  /** Returns the subcommands with what they do, as elements of an array. */
  static String commands(CommandSpec top) {
    return top.subcommands().values().stream()
        .map(each -> each.getCommandSpec())
        .map(each -> "    " + quoted(each.name() + ":" + ManualPage.summary(each)))
        .collect(Collectors.joining("\n"));
  }

  /** Returns the options that can stand before a subcommand, each with a backslash behind it. */
  static String globalOptions(CommandSpec top) {
    return top.options().stream()
        .filter(option -> !option.longestName().matches("--(help|version|config)"))
        .map(option -> "    " + option(option.longestName(), option) + " \\")
        .collect(Collectors.joining("\n"));
  }

  /** Returns the declarations of all subcommands, as branches of a case statement. */
  static String declarations(CommandSpec top) {
    return top.subcommands().values().stream()
        .map(each -> branch(each.getCommandSpec()))
        .collect(Collectors.joining("\n"));
  }

  private static String branch(CommandSpec command) {
    List<String> arguments = new ArrayList<>();
    for (OptionSpec option : command.options()) {
      if (!option.hidden()) {
        for (String name : option.names()) {
          arguments.add(option(name, option));
        }
      }
    }
    int place = 1;
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      for (CompletionWord operand : CompletionWord.ofLabel(parameter.paramLabel())) {
        arguments.add(operand(operand, place++));
      }
    }
    return "    "
        + command.name()
        + ")\n      _arguments -S \\\n        "
        + String.join(" \\\n        ", arguments)
        + "\n      ;;";
  }

  private static String option(String name, OptionSpec option) {
    String explained =
        name + "[" + escape(String.join(" ", option.description()).replace("%%", "%")) + "]";
    if (option.arity().max() == 0 || option.typeInfo().isBoolean()) {
      return quoted(explained);
    }
    CompletionWord operand = CompletionWord.ofOption(option);
    String repeated = option.isMultiValue() ? "*" : "";
    return quoted(repeated + explained + ":" + escape(option.paramLabel()) + ":" + action(operand));
  }

  private static String operand(CompletionWord operand, int place) {
    if (operand.kind().equals("program")) {
      return "'*:::command:_syschroot_program'";
    }
    String where = operand.repeated() ? "*" : Integer.toString(place);
    return quoted(where + ":" + operand.kind() + ":" + action(operand));
  }

  private static String action(CompletionWord operand) {
    return switch (operand.kind()) {
      case "image" -> "_syschroot_add_images";
      case "directory" -> "_directories";
      case "file" -> "_files";
      case "user" -> "_users";
      case "command" -> "_command_names -e";
      case "words" -> "(" + String.join(" ", operand.words()) + ")";
      default -> " ";
    };
  }

  private static String escape(String text) {
    return text.replaceAll("([\\[\\]:\\\\])", "\\\\$1");
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
