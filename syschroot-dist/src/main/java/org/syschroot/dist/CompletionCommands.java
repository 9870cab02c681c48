// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The commands as completion sees them: {@code help} is one of them, and a command that has
 * commands of its own takes their names as first words. Not instantiable.
 */
final class CompletionCommands {
  private CompletionCommands() {}

  static CommandSpec of(CommandSpec top) {
    CommandSpec all = CommandSpec.create().name(top.name());
    top.options().forEach(option -> all.addOption(copy(option)));
    for (CommandLine each : top.subcommands().values()) {
      CommandSpec command = each.getCommandSpec();
      add(all, command.subcommands().isEmpty() ? command : flat(command));
    }
    add(all, help(top));
    return all;
  }

  private static void add(CommandSpec all, CommandSpec command) {
    all.addSubcommand(command.name(), new CommandLine(command));
  }

  /** All commands of a group take images. */
  private static CommandSpec flat(CommandSpec group) {
    CommandSpec flat = CommandSpec.create().name(group.name());
    flat.usageMessage().header(group.usageMessage().header());
    for (CommandLine each : group.subcommands().values()) {
      for (OptionSpec option : each.getCommandSpec().options()) {
        if (flat.findOption(option.longestName()) == null) {
          flat.addOption(copy(option));
        }
      }
    }
    flat.addPositional(operand(0, String.join("|", group.subcommands().keySet())));
    flat.addPositional(operand(1, "IMAGE..."));
    return flat;
  }

  private static CommandSpec help(CommandSpec top) {
    CommandSpec help = CommandSpec.create().name("help");
    help.usageMessage().header("Show the help of a command");
    top.options().stream()
        .filter(option -> option.longestName().matches("--(help|config)"))
        .forEach(option -> help.addOption(copy(option)));
    help.addPositional(operand(0, String.join("|", top.subcommands().keySet())));
    for (CommandLine each : top.subcommands().values()) {
      if (!each.getSubcommands().isEmpty()) {
        help.addPositional(operand(1, String.join("|", each.getSubcommands().keySet())));
      }
    }
    return help;
  }

  private static OptionSpec copy(OptionSpec option) {
    return OptionSpec.builder(option).build();
  }

  private static PositionalParamSpec operand(int index, String label) {
    return PositionalParamSpec.builder()
        .index(Integer.toString(index))
        .type(List.class)
        .auxiliaryTypes(String.class)
        .paramLabel(label)
        .build();
  }
}
