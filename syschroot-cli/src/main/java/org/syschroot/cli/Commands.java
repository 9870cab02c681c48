// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.syschroot.cli.demo.DemoCommand;
import org.syschroot.cli.desktop.DesktopCommand;
import org.syschroot.cli.doctor.DoctorCommand;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.GlobalOptions;
import org.syschroot.cli.frame.ProgramVersion;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.cli.frame.UnknownWord;
import org.syschroot.cli.images.CreateCommand;
import org.syschroot.cli.images.ImportCommand;
import org.syschroot.cli.images.ListCommand;
import org.syschroot.cli.images.PackCommand;
import org.syschroot.cli.images.PruneCommand;
import org.syschroot.cli.images.RemoveCommand;
import org.syschroot.cli.images.RollbackCommand;
import org.syschroot.cli.images.ShowCommand;
import org.syschroot.cli.images.UpdateCommand;
import org.syschroot.cli.launcher.LauncherCommand;
import org.syschroot.cli.launcher.LinkCommand;
import org.syschroot.cli.launcher.UnlinkCommand;
import org.syschroot.cli.mounts.MountCommand;
import org.syschroot.cli.mounts.StatusCommand;
import org.syschroot.cli.mounts.SyncCommand;
import org.syschroot.cli.mounts.UmountCommand;
import org.syschroot.cli.run.ExplainCommand;
import org.syschroot.cli.run.RunCommand;
import org.syschroot.cli.run.WhichCommand;
import org.syschroot.cli.submit.SubmitCommand;
import org.syschroot.cli.syslog.SyslogCommands;
import org.syschroot.cli.uname.UnameWrapperCommand;
import org.syschroot.kernel.Kernel;
import org.syschroot.path.OsString;
import org.syschroot.text.NearNames;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * All subcommands, by name. Only the one that is asked for is set up, since reading the annotations
 * of all of them would cost more than a switch.
 */
public final class Commands {
  private static final List<String> ALL =
      List.of(
          "run",
          "explain",
          "list",
          "show",
          "mount",
          "umount",
          "sync",
          "status",
          "doctor",
          "link",
          "unlink",
          "launcher",
          "which",
          "uname-wrapper",
          "create",
          "remove",
          "pack",
          "update",
          "rollback",
          "prune",
          "import",
          "syslog",
          "submit",
          "desktop",
          "demo");
  private static final String USAGE = "\n" + " ".repeat("Usage: ".length());
  private static final List<String> TAKE_A_COMMAND = List.of("run", "explain", "submit");

  private Commands() {}

  /**
   * Runs the subcommand that the arguments name.
   *
   * @return the exit status
   */
  public static int execute(List<OsString> arguments, Console console, Kernel kernel) {
    String[] words = LeadingOptions.behindSubcommand(ByteStrings.decode(arguments));
    boolean unknown = words.length > 0 && !words[0].startsWith("-") && !ALL.contains(words[0]);
    if (unknown && words.length > 1 && words[1].equals("--help")) {
      console.error("no such command: \"" + ByteStrings.readable(words[0]) + "\"");
      console.hint(unknown(words[0]).hint(List.of()));
      return ExitStatus.USAGE;
    }
    if (unknown) { // an image, whose command may be left out: syschroot IMAGE [COMMAND]
      List<String> run = new ArrayList<>(List.of(words));
      run.add(0, "run");
      words = run.toArray(String[]::new);
    }
    String name = words.length == 0 ? "" : words[0];
    CommandLine top = top();
    if (ALL.contains(name)) {
      add(top, name, console, kernel);
    } else {
      ALL.forEach(each -> add(top, each, console, kernel));
    }
    top.setExecutionStrategy(new CommandLine.RunLast());
    if (unknown) {
      ((RunCommand) subcommand(top, name).getCommandSpec().userObject())
          .calledByImage(unknown(words[1]));
    }
    Failures failures = new Failures(console);
    top.setParameterExceptionHandler(failures);
    top.setExecutionExceptionHandler(failures);
    if (words.length == 0) {
      console.usage(top.getUsageMessage(Ansi.OFF));
      return ExitStatus.USAGE;
    }
    if (TAKE_A_COMMAND.contains(name)) {
      CommandLine command = subcommand(top, name);
      command.setStopAtPositional(true);
      String[] rest = Arrays.copyOfRange(words, 1, words.length);
      try {
        rest = OptionOrder.optionsBeforeImage(rest, command.getCommandSpec());
      } catch (MissingParameterException e) {
        return refuse(e, console);
      }
      System.arraycopy(rest, 0, words, 1, rest.length);
    }
    return top.execute(words);
  }

  /** Returns the declarations of all subcommands beneath that of the command. */
  static CommandSpec declarations(Console console, Kernel kernel) {
    CommandLine top = top();
    ALL.forEach(each -> add(top, each, console, kernel));
    return top.getCommandSpec();
  }

  private static CommandLine top() {
    CommandLine top = new CommandLine(topSpec());
    indentUsage(top);
    return top;
  }

  private static CommandSpec topSpec() {
    CommandSpec spec = CommandSpec.create().name("syschroot").versionProvider(new ProgramVersion());
    spec.usageMessage()
        .customSynopsis(
            "syschroot [OPTIONS] COMMAND [ARG...]", "syschroot IMAGE [--] [COMMAND [ARG...]]")
        .header("Run commands in other Linux systems on the same host");
    new GlobalOptions().declareIn(spec);
    return spec;
  }

  private static void add(CommandLine top, String name, Console console, Kernel kernel) {
    CommandSpec spec =
        name.equals(SyslogCommands.NAME)
            ? SyslogCommands.spec(console, kernel)
            : subcommand(name, console, kernel).spec();
    CommandLine command = new CommandLine(spec.versionProvider(new ProgramVersion()));
    indentUsage(command);
    top.addSubcommand(name, command);
  }

  /** Has the further lines of a usage stand beneath its first one. */
  private static void indentUsage(CommandLine command) {
    command
        .getHelpSectionMap()
        .computeIfPresent(
            UsageMessageSpec.SECTION_KEY_SYNOPSIS,
            (key, usual) -> help -> usual.render(help).replaceAll("\n(?=syschroot )", USAGE));
  }

  private static Subcommand subcommand(String name, Console console, Kernel kernel) {
    return switch (name) {
      case "run" -> new RunCommand(console, kernel);
      case "explain" -> new ExplainCommand(console, kernel);
      case "list" -> new ListCommand(console, kernel);
      case "show" -> new ShowCommand(console, kernel);
      case "mount" -> new MountCommand(console, kernel);
      case "umount" -> new UmountCommand(console, kernel);
      case "sync" -> new SyncCommand(console, kernel);
      case "status" -> new StatusCommand(console, kernel);
      case "doctor" -> new DoctorCommand(console, kernel);
      case "link" -> new LinkCommand(console, kernel);
      case "unlink" -> new UnlinkCommand(console, kernel);
      case "launcher" -> new LauncherCommand(console, kernel);
      case "which" -> new WhichCommand(console, kernel);
      case "uname-wrapper" -> new UnameWrapperCommand(console, kernel);
      case "create" -> new CreateCommand(console, kernel);
      case "pack" -> new PackCommand(console, kernel);
      case "update" -> new UpdateCommand(console, kernel);
      case "rollback" -> new RollbackCommand(console, kernel);
      case "prune" -> new PruneCommand(console, kernel);
      case "remove" -> new RemoveCommand(console, kernel);
      case "import" -> new ImportCommand(console, kernel);
      case "submit" -> new SubmitCommand(console, kernel);
      case "desktop" -> new DesktopCommand(console, kernel);
      case "demo" -> new DemoCommand(console, kernel);
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** Reports what picocli could not make sense of, and what a subcommand did not expect. */
  private static final class Failures
      implements IParameterExceptionHandler, IExecutionExceptionHandler {
    private final Console console;

    Failures(Console console) {
      this.console = console;
    }

    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
      return refuse(failure, console);
    }

    @Override
    public int handleExecutionException(
        Exception failure, CommandLine command, ParseResult arguments) {
      console.error(failure.toString());
      return ExitStatus.FAILED;
    }
  }

  private static UnknownWord unknown(String word) {
    String shown = ByteStrings.readable(word);
    return new UnknownWord(shown, NearNames.among(ALL, shown));
  }

  private static int refuse(ParameterException failure, Console console) {
    CommandLine command = failure.getCommandLine();
    List<String> near = List.of();
    String fact = failure.getMessage();
    if (failure instanceof UnmatchedArgumentException unmatched) {
      String word = unmatched.getUnmatched().get(0);
      boolean isOption = word.startsWith("-");
      if (isOption) {
        near = nearOptions(command, word);
        fact = "unknown option " + word;
      } else if (isGroup(command)) {
        near = NearNames.among(command.getSubcommands().keySet(), word);
        fact = "no such command: \"" + command.getCommandName() + " " + word + "\"";
      } else {
        fact = "unexpected argument " + word;
      }
    } else if (failure instanceof MissingParameterException missing) {
      fact = missing(missing);
    } else if (isGroup(command)) {
      fact = "missing command";
    }
    console.error(ByteStrings.readable(String.valueOf(fact)));
    console.hint(
        (near.isEmpty() ? "" : "did you mean " + String.join(" or ", near) + "? ")
            + command.getCommandSpec().qualifiedName()
            + " --help");
    return command.getCommandName().equals("run") ? ExitStatus.FAILED : ExitStatus.USAGE;
  }

  /** Returns whether it does nothing but have subcommands. */
  private static boolean isGroup(CommandLine command) {
    return !command.getSubcommands().isEmpty();
  }

  private static List<String> nearOptions(CommandLine command, String word) {
    if (word.length() <= 2) {
      return List.of(); // any letter is near to any other
    }
    List<String> names = new ArrayList<>();
    for (OptionSpec option : command.getCommandSpec().options()) {
      names.addAll(List.of(option.names()));
    }
    return NearNames.among(names, word);
  }

  private static CommandLine subcommand(CommandLine top, String name) {
    return Objects.requireNonNull(top.getSubcommands().get(name));
  }

  /** Returns what is missing: an argument, or the value of an option. */
  private static String missing(MissingParameterException failure) {
    ArgSpec first = failure.getMissing().get(0);
    return first.isOption()
        ? "missing value of " + ((OptionSpec) first).longestName() + ": " + first.paramLabel()
        : "missing argument " + first.paramLabel();
  }
}
