// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.jspecify.annotations.Nullable;
import org.syschroot.caller.SearchPath;
import org.syschroot.caller.ShellChoice;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/** The entries that run a program of the image. */
@SuppressWarnings("NullAway") // a Void is null
final class ExecuteEntries implements LaunchedProgram.Visitor<@Nullable Void> {
  private static final int FAILED = 125;
  private static final int NOT_EXECUTABLE = 126;
  private static final int NOT_FOUND = 127;
  private static final int WORD = 8;
  private static final Operand NUMBER_0 = Operand.number(0);

  private final TableBuilder table;
  private final Constants constants;
  private final Messages messages;
  private final ImageName image;
  private final Runnable shellVariables;

  /**
   * Creates the entries.
   *
   * @param shellVariables adds the entries for what the environment of a shell gets
   */
  ExecuteEntries(
      TableBuilder table,
      Constants constants,
      Messages messages,
      ImageName image,
      Runnable shellVariables) {
    this.table = table;
    this.constants = constants;
    this.messages = messages;
    this.image = image;
    this.shellVariables = shellVariables;
  }

  @Override
  public @Nullable Void command(LaunchedProgram.Command command) {
    table.step("execute " + command.program());
    orFail(command.program(), Operand.ARGV);
    return null;
  }

  /** Without an argument, or with an option as the first one, this is a shell; else a command. */
  @Override
  public @Nullable Void shell(LaunchedProgram.Shell shell) {
    table.step("look at the arguments");
    Mark command = new Mark();
    Mark options = new Mark();
    Mark interactive = new Mark();
    Mark some = new Mark();
    Operand nothing = constants.string("");
    Operand dash = constants.string(ShellChoice.LOGIN);
    // Without argv[0] (Linux before 5.18) there is no place for the shell's name.
    table.find(null, messages.completeFailure("argv is empty", FAILED), Operand.ARGV, nothing, 0);
    login(dash);
    table.find(some, interactive, Operand.ARGV.plus(WORD), nothing, 0);
    table.place(some);
    table.store(Operand.VECTOR, Operand.TEXT, NUMBER_0);
    table.find(options, command, Operand.VECTOR, dash, 1);
    table.place(interactive);
    shellVariables.run();
    table.place(options);
    table.step("execute the shell");
    for (ImagePath caller : shell.callers()) {
      if (!caller.equals(shell.otherwise())) {
        callersShell(caller);
      }
    }
    named(shell.otherwise());
    orFail(shell.otherwise(), Operand.ARGV);
    table.place(command);
    Mark along = new Mark();
    usualDirectories(along);
    table.place(along);
    table.step("execute the command");
    lookedUp();
    return null;
  }

  /**
   * Where {@code PATH} is not set looks for the command in the directories that it then has
   * everywhere, since env(1) and shells know fewer. What is left to env(1) is a name with a slash,
   * a text that a shell has to run, by its pathname, and to say what is wrong.
   */
  private void usualDirectories(Mark along) {
    table.step("look for the command without PATH");
    Operand pathname = new Operand(Base.FRAME, Base.DIRECTORY);
    Operand command = Operand.ARGV.plus(WORD);
    Mark next = new Mark();
    Mark other = new Mark();
    Mark directory = new Mark();
    table.find(along, null, Operand.ENVP, constants.string("PATH="), "PATH=".length());
    table.find(null, along, command, constants.string(""), 0);
    table.store(new Operand(Base.FRAME, Base.KEPT.inFrame()), Operand.TEXT);
    Operand list = constants.list(SearchPath.USUAL.directories());
    table.act(Action.PICK, null, along, list, Operand.number(-1));
    table.place(directory);
    table.act(Action.JOIN, null, along, pathname, Operand.TEXT, new Operand(Base.KEPT, 0));
    table.call(SystemCall.EXECVE, next, pathname, command, Operand.ENVP);
    table.place(next);
    table.act(Action.SAME, null, other, new Operand(Base.RESULT, Errno.ENOEXEC.number()), NUMBER_0);
    table.act(Action.STORE, along, null, command, pathname);
    table.place(other);
    table.again(directory, along);
  }

  /**
   * Keeps whether argv[0] begins with a dash, as of a login shell, as the number to be added to the
   * address of {@code -bash}: 0 or 1.
   */
  private void login(Operand dash) {
    Operand kept = new Operand(Base.FRAME, Base.KEPT.inFrame());
    Mark plain = new Mark();
    table.store(Operand.VECTOR, Operand.TEXT, NUMBER_0);
    table.store(kept, new Operand(Base.DATA, 1));
    table.find(null, plain, Operand.VECTOR, dash, 1);
    table.store(kept, new Operand(Base.DATA, 0));
    table.place(plain);
  }

  private void named(ImagePath shell) {
    OsString name = ShellChoice.loginName(shell.value().baseName());
    table.store(Operand.ARGV, new Operand(Base.KEPT, constants.string(name).offset()));
  }

  /** Compares with a constant: a value that is none of the known shells is never used. */
  private void callersShell(ImagePath shell) {
    Mark other = new Mark();
    OsString entry = ShellChoice.VARIABLE.plus(OsString.of("=")).plus(shell.value());
    int withEnd = entry.length() + 1;
    table.find(null, other, Operand.ENVP, constants.string(entry), withEnd);
    named(shell);
    table.call(
        SystemCall.EXECVE, other, constants.string(shell.value()), Operand.ARGV, Operand.ENVP);
    table.place(other);
  }

  /**
   * Lets the image's env(1) look for the command along {@code PATH}: {@code env CMD ARG...}, which
   * hands the environment on as it is. A shell would drop what is no variable of its own, such as
   * exported functions. An image without env(1) has its {@code /bin/sh} do it: {@code sh -c 'exec
   * "$@"' IMAGE CMD ARG...}, written downwards from argv[0], over argc and the end of the frame.
   */
  private void lookedUp() {
    Mark without = new Mark();
    table.store(Operand.ARGV, constants.string("env"));
    table.call(
        SystemCall.EXECVE, without, constants.string("/usr/bin/env"), Operand.ARGV, Operand.ENVP);
    table.place(without);
    table.store(Operand.ARGV.plus(-3 * WORD), constants.string("sh"), constants.string("-c"));
    table.store(
        Operand.ARGV.plus(-WORD),
        constants.string("exec \"$@\""),
        constants.string(image.toString()));
    orFail(ShellChoice.LAST, Operand.ARGV.plus(-3 * WORD));
  }

  private void orFail(ImagePath program, Operand arguments) {
    Operand path = constants.string(program.value());
    String text = "cannot run " + program;
    Mark failed = new Mark();
    Mark missing = new Mark();
    Mark there =
        messages.completeFailure(text + ": its interpreter is not in the image", NOT_EXECUTABLE);
    table.call(SystemCall.EXECVE, failed, path, arguments, Operand.ENVP);
    table.place(failed);
    table.act(
        Action.SAME,
        missing,
        messages.failure(text, NOT_EXECUTABLE),
        new Operand(Base.RESULT, Errno.ENOENT.number()),
        NUMBER_0);
    table.place(missing);
    table.call(
        SystemCall.FACCESSAT,
        there,
        messages.failure(text, NOT_FOUND),
        Operand.number(Kernel.AT_FDCWD),
        path);
  }
}
