// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.syschroot.kernel.Kernel;
import org.syschroot.path.OsString;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * All subcommands, by name. Only the one that is asked for is set up, since reading the annotations
 * of all of them would cost more than a switch.
 */
final class Commands {
  private static final Map<String, BiFunction<Console, Kernel, Subcommand>> ALL =
      new LinkedHashMap<>();

  static {
    ALL.put("run", RunCommand::new);
    ALL.put("explain", ExplainCommand::new);
    ALL.put("list", ListCommand::new);
    ALL.put("show", ShowCommand::new);
    ALL.put("mount", MountCommand::new);
    ALL.put("umount", UmountCommand::new);
    ALL.put("status", StatusCommand::new);
    ALL.put("link", LinkCommand::new);
    ALL.put("unlink", UnlinkCommand::new);
    ALL.put("launcher", LauncherCommand::new);
    ALL.put("create", CreateCommand::new);
    ALL.put("remove", RemoveCommand::new);
    ALL.put("demo", DemoCommand::new);
  }

  private static final List<String> TAKE_A_COMMAND = List.of("run", "explain");

  private Commands() {}

  /** Reads the version from the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Commands.class.getPackage().getImplementationVersion();
      return new String[] {"syschroot " + (version == null ? "(not packaged)" : version)};
    }
  }

  /**
   * Runs the subcommand that the arguments name.
   *
   * @return the exit status
   */
  static int execute(List<OsString> arguments, Console console, Kernel kernel) {
    String[] words = ByteStrings.decode(arguments);
    String name = words.length == 0 ? "" : words[0];
    CommandLine top = new CommandLine(topSpec());
    if (ALL.containsKey(name)) {
      add(top, name, console, kernel);
    } else {
      ALL.keySet().forEach(each -> add(top, each, console, kernel));
    }
    top.setExecutionStrategy(new CommandLine.RunLast());
    top.setParameterExceptionHandler((failure, args) -> refuse(failure, console));
    top.setExecutionExceptionHandler(
        (failure, commandLine, result) -> {
          console.error(failure.toString());
          return ExitStatus.FAILED;
        });
    if (words.length == 0) {
      console.usage(top.getUsageMessage(Ansi.OFF));
      return ExitStatus.USAGE;
    }
    if (TAKE_A_COMMAND.contains(name)) {
      CommandLine command = top.getSubcommands().get(name);
      command.setStopAtPositional(true);
      String[] rest = Arrays.copyOfRange(words, 1, words.length);
      System.arraycopy(
          OptionOrder.optionsBeforeImage(rest, command.getCommandSpec()), 0, words, 1, rest.length);
    }
    return top.execute(words);
  }

  private static CommandSpec topSpec() {
    CommandSpec spec = CommandSpec.create().name("syschroot").versionProvider(new Version());
    spec.usageMessage()
        .synopsisSubcommandLabel("COMMAND")
        .description("Runs commands in other Linux systems on this machine.");
    GlobalOptions.declareHelpIn(spec);
    return spec;
  }

  private static void add(CommandLine top, String name, Console console, Kernel kernel) {
    CommandSpec spec = ALL.get(name).apply(console, kernel).spec();
    top.addSubcommand(name, new CommandLine(spec.versionProvider(new Version())));
  }

  private static int refuse(ParameterException failure, Console console) {
    CommandLine command = failure.getCommandLine();
    String qualified = command.getCommandSpec().qualifiedName();
    StringBuilder message = new StringBuilder(ByteStrings.readable(failure.getMessage()));
    if (failure instanceof UnmatchedArgumentException) {
      List<String> near = ((UnmatchedArgumentException) failure).getSuggestions();
      if (!near.isEmpty()) {
        message.append(": did you mean ").append(String.join(" or ", near)).append("?");
      }
    }
    console.error(message + "; \"" + qualified + " --help\" shows what is allowed");
    return command.getCommandName().equals("run") ? ExitStatus.FAILED : ExitStatus.USAGE;
  }
}
