// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import java.util.List;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.GlobalOptions;
import org.syschroot.cli.frame.ProgramVersion;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.kernel.Kernel;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** {@code syschroot syslog}: the commands for the log lines of images. */
public final class SyslogCommands {
  public static final String NAME = "syslog";

  private SyslogCommands() {}

  public static CommandSpec spec(Console console, Kernel kernel) {
    CommandSpec spec = CommandSpec.create().name(NAME);
    spec.usageMessage()
        .customSynopsis("syschroot syslog [OPTIONS] COMMAND [ARG...]")
        .header("Manage log messages of images");
    new GlobalOptions().declareIn(spec);
    List<Subcommand> commands =
        List.of(
            new SyslogStatusCommand(console, kernel),
            new SyslogTestCommand(console, kernel),
            new SyslogConfigCommand(console, kernel),
            new SyslogRelayCommand(console, kernel));
    for (Subcommand each : commands) {
      CommandSpec one = each.spec().versionProvider(new ProgramVersion());
      spec.addSubcommand(one.name(), new CommandLine(one));
    }
    return spec;
  }
}
