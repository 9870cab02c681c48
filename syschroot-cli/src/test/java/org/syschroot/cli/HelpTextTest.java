// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;

/** Help is read on a terminal. */
class HelpTextTest {
  static List<CommandSpec> commands() {
    List<CommandSpec> all = new ArrayList<>();
    collect(CommandDeclarations.all(), all);
    return all;
  }

  private static void collect(CommandSpec spec, List<CommandSpec> all) {
    all.add(spec);
    spec.subcommands().values().forEach(each -> collect(each.getCommandSpec(), all));
  }

  private static String help(CommandSpec spec) {
    return spec.commandLine().getUsageMessage(Ansi.OFF);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void help_ofEachCommand_fits80Columns(CommandSpec spec) {
    assertThat(help(spec).lines()).isNotEmpty().allMatch(line -> line.length() <= 80);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void help_ofEachCommand_hasTheGlobalOptions(CommandSpec spec) {
    assertThat(help(spec))
        .contains("--config=DIR", "-v, --verbose", "-q, --quiet", "--no-color", "-h, --help");
  }

  @Test
  void help_ofTheCommand_showsThatAnImageNeedsNoSubcommand() {
    assertThat(help(CommandDeclarations.all())).contains("syschroot IMAGE [--] [COMMAND [ARG...]]");
  }
}
