// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The completion for fish, as calls of its command {@code complete}; see complete(1) there. */
final class FishCompletion {
  private FishCompletion() {}

  /** Returns the subcommands with what they do. */
  static String commands(CommandSpec top) {
    return specs(top).stream()
        .map(
            each ->
                "complete -c syschroot -n '__syschroot_at 0' -a %s -d %s"
                    .formatted(each.name(), quoted(ManualPage.summary(each))))
        .collect(Collectors.joining("\n"));
  }

  /** Returns the options that can stand before a subcommand. */
  static String globalOptions(CommandSpec top) {
    return top.options().stream()
        .filter(option -> !option.longestName().equals("--config"))
        .map(
            option ->
                "complete -c syschroot -n '__syschroot_at 0' -l %s -d %s"
                    .formatted(
                        option.longestName().substring(2),
                        quoted(String.join(" ", option.description()).replace("%%", "%"))))
        .collect(Collectors.joining("\n"));
  }

  /** Returns for each subcommand the options that take a word, as branches of a switch. */
  static String takes(CommandSpec top) {
    return specs(top).stream()
        .map(
            each ->
                "        case %s\n            printf '%%s\\n' %s"
                    .formatted(
                        each.name(),
                        each.options().stream()
                            .filter(FishCompletion::takesWord)
                            .flatMap(option -> List.of(option.names()).stream())
                            .collect(Collectors.joining(" "))))
        .collect(Collectors.joining("\n"));
  }

  /** Returns what completes the options and operands of all subcommands. */
  static String declarations(CommandSpec top) {
    List<String> lines = new ArrayList<>();
    for (CommandSpec command : specs(top)) {
      for (OptionSpec option : command.options()) {
        if (!option.hidden()) {
          lines.add(option(command.name(), option));
        }
      }
      List<CompletionWord> operands =
          command.positionalParameters().stream()
              .flatMap(each -> CompletionWord.ofLabel(each.paramLabel()).stream())
              .toList();
      for (int i = 0; i < operands.size(); i++) {
        String action = action(operands.get(i));
        if (!action.isEmpty()) {
          String place = (i + 1) + (operands.get(i).repeated() ? " more" : "");
          lines.add(
              "complete -c syschroot -n '__syschroot_at %s %s' %s"
                  .formatted(place, command.name(), action));
        }
      }
    }
    return String.join("\n", lines);
  }

  private static List<CommandSpec> specs(CommandSpec top) {
    return top.subcommands().values().stream().map(each -> each.getCommandSpec()).toList();
  }

  private static boolean takesWord(OptionSpec option) {
    return option.arity().max() > 0 && !option.typeInfo().isBoolean();
  }

  private static String option(String command, OptionSpec option) {
    StringBuilder line = new StringBuilder("complete -c syschroot -n '__syschroot_options ");
    line.append(command).append('\'');
    for (String name : option.names()) {
      line.append(name.startsWith("--") ? " -l " : " -s ").append(name.replaceFirst("^-+", ""));
    }
    String description = String.join(" ", option.description()).replace("%%", "%");
    line.append(" -d ").append(quoted(description));
    if (takesWord(option)) {
      CompletionWord word = CompletionWord.ofOption(option);
      // By -r alone fish offers the files of the current directory beside the words.
      line.append(word.kind().equals("file") ? " -r " : " -x ").append(action(word));
    }
    return line.toString().stripTrailing();
  }

  private static String action(CompletionWord operand) {
    return switch (operand.kind()) {
      case "image" -> "-a '(__syschroot_sh _syschroot_images (__syschroot_config))'";
      case "directory" -> "-a '(__fish_complete_directories (commandline -ct))'";
      case "file" -> "-F";
      case "user" -> "-a '(__fish_complete_users)'";
      case "command" -> "-a '(__fish_complete_command)'";
      case "program" -> "-a '(__syschroot_program)'";
      case "words" -> "-a '" + String.join(" ", operand.words()) + "'";
      default -> "";
    };
  }

  /** Quotes a text for fish, where a backslash and an apostrophe are all that means something. */
  static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
