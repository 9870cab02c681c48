// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.caller.ShellChoice;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep.Execute;
import org.syschroot.plan.KernelStep.Execute.Candidate;

/**
 * The entries that try the programs of one caller's command as execvp(3) does, and say why none of
 * them ran. The arguments are those that the program itself was called with; but for the first one,
 * which can be another one for each candidate.
 */
final class CandidateEntries {
  private static final int FAILED = 125;
  private static final int NOT_EXECUTABLE = 126;
  private static final int NOT_FOUND = 127;
  private static final int WORD = 8;
  private static final int HEAD_BYTES = 256;
  private static final Operand TEXT_WORD = new Operand(Base.FRAME, Base.TEXT.inFrame());
  private static final Operand LENGTH_WORD = new Operand(Base.FRAME, Base.LENGTH.inFrame());
  private static final Operand HEAD = new Operand(Base.FRAME, Base.HEAD);
  private static final Operand DENIED = new Operand(Base.TARGET, 0);
  private static final Operand DENIED_WORD = new Operand(Base.FRAME, Base.TARGET.inFrame());
  private static final Operand PROGRAM = new Operand(Base.SOFT, 0);
  private static final Operand PROGRAM_WORD = new Operand(Base.FRAME, Base.SOFT.inFrame());
  private static final OsString SHELL = ShellChoice.LAST.value();

  private final TableBuilder table;
  private final Constants constants;
  private final Messages messages;
  private final Mark noFormat = new Mark();
  private final Mark interpreter = new Mark();
  private final Mark other = new Mark();

  CandidateEntries(TableBuilder table, Constants constants, Messages messages) {
    this.table = table;
    this.constants = constants;
    this.messages = messages;
  }

  void execute(Execute step) {
    table.step("execute the program");
    table.find(null, messages.completeFailure("argv is empty", FAILED), Operand.ARGV, text(""), 0);
    table.store(DENIED_WORD, Operand.ZERO);
    List<Candidate> candidates = step.candidates();
    for (int first = 0; first < candidates.size(); ) {
      List<OsString> programs = new ArrayList<>();
      List<OsString> arguments = candidates.get(first).arguments();
      while (first < candidates.size() && candidates.get(first).arguments().equals(arguments)) {
        programs.add(candidates.get(first++).program());
      }
      table.store(Operand.ARGV, constants.string(arguments.get(0)));
      tryAll(programs);
    }
    OsString name = candidates.get(0).program().baseName();
    report(constants.list(List.of(name)));
  }

  /**
   * Tries programs that the caller lists.
   *
   * @param list the address of a list: the command's name, then for each candidate the program and
   *     its {@code argv[0]}
   */
  void executeListed(Operand list) {
    table.step("execute the program");
    Mark each = new Mark();
    Mark failed = new Mark();
    Mark next = new Mark();
    Mark end = new Mark();
    table.store(DENIED_WORD, Operand.ZERO);
    table.act(Action.PICK, null, end, list, Operand.number(-2));
    table.place(each);
    table.store(PROGRAM_WORD, Operand.TEXT);
    table.act(Action.PICK, null, end, Operand.TEXT, Operand.number(-2));
    table.store(Operand.ARGV, Operand.TEXT);
    table.call(SystemCall.EXECVE, failed, PROGRAM, Operand.ARGV, Operand.ENVP);
    table.place(failed);
    sort(PROGRAM, next);
    table.place(next);
    table.again(each, end);
    table.place(end);
    report(list);
  }

  /** Adds the ends of all that can be the matter with a program, the last of {@link #PROGRAM}. */
  private void report(Operand name) {
    Mark shell = new Mark();
    none(name);
    table.place(noFormat);
    table.store(TEXT_WORD, PROGRAM);
    byShell(shell);
    table.place(interpreter);
    table.store(TEXT_WORD, PROGRAM);
    end(" in the image cannot be run: its interpreter is missing in the image\n");
    table.place(other);
    table.store(TEXT_WORD, PROGRAM);
    table.store(Operand.STATUS_WORD, Operand.number(NOT_EXECUTABLE - FAILED));
    table.act(Action.PICK, null, null, Operand.TEXT, Operand.ALL_BITS);
    messages.tell("cannot run ", Operand.TEXT, Operand.LENGTH, " in the image: ", "\n");
    messages.fail();
  }

  /** Tries programs with the same arguments, in a loop: {@code PATH} can be long. */
  private void tryAll(List<OsString> programs) {
    Mark each = new Mark();
    Mark failed = new Mark();
    Mark next = new Mark();
    Mark end = new Mark();
    table.act(Action.PICK, null, null, constants.list(programs), Operand.ALL_BITS);
    table.place(each);
    table.store(PROGRAM_WORD, Operand.TEXT);
    table.call(SystemCall.EXECVE, failed, Operand.TEXT, Operand.ARGV, Operand.ENVP);
    table.place(failed);
    sort(Operand.TEXT, next);
    table.place(next);
    table.again(each, end);
    table.place(end);
  }

  /** Goes on by why a program was not executed. */
  private void sort(Operand program, Mark next) {
    Mark missing = new Mark();
    Mark notMissing = new Mark();
    Mark denied = new Mark();
    Mark notDenied = new Mark();
    Mark notDirectory = new Mark();
    isErrno(Errno.ENOENT, missing, notMissing);
    table.place(missing);
    table.call(SystemCall.FACCESSAT, interpreter, next, Operand.AT_FDCWD, program, Operand.ZERO);
    table.place(notMissing);
    isErrno(Errno.EACCES, denied, notDenied);
    table.place(denied);
    table.act(Action.STORE, next, null, DENIED_WORD, program);
    table.place(notDenied);
    isErrno(Errno.ENOEXEC, noFormat, notDirectory);
    table.place(notDirectory);
    isErrno(Errno.ENOTDIR, next, other);
  }

  private void isErrno(Errno errno, Mark yes, Mark no) {
    table.act(Action.SAME, yes, no, new Operand(Base.RESULT, errno.number()), Operand.ZERO);
  }

  private void none(Operand name) {
    Mark denied = new Mark();
    Mark missing = new Mark();
    table.act(Action.SAME, missing, denied, DENIED, Operand.ZERO);
    table.place(missing);
    table.act(Action.PICK, null, null, name, Operand.ALL_BITS);
    table.store(Operand.STATUS_WORD, Operand.number(NOT_FOUND - FAILED));
    messages.failNaming(Operand.TEXT, Operand.LENGTH, ": command not found in the image\n");
    table.place(denied);
    table.act(Action.PICK, null, null, DENIED, Operand.ALL_BITS);
    end(" in the image cannot be run: Permission denied\n");
  }

  /** Ends with a line about {@link Base#TEXT}, of which the length is known. */
  private void end(String text) {
    table.act(Action.PICK, null, null, Operand.TEXT, Operand.ALL_BITS);
    table.store(Operand.STATUS_WORD, Operand.number(NOT_EXECUTABLE - FAILED));
    messages.failNaming(Operand.TEXT, Operand.LENGTH, text);
  }

  /** A text without {@code #!} is run by the shell, as execvp(3) and every shell do. */
  private void byShell(Mark shell) {
    Mark opened = new Mark();
    Mark binary = new Mark();
    table.store(Operand.KEPT_WORD, Operand.TEXT);
    table.store(LENGTH_WORD, Operand.ZERO);
    table.call(
        SystemCall.OPENAT,
        opened,
        shell,
        Operand.AT_FDCWD,
        Operand.TEXT,
        Operand.number(OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC));
    table.place(opened);
    table.store(Operand.TREE_WORD, Operand.RESULT);
    // Fresh memory of the stack is zero, so that the end of what is read is marked.
    table.call(SystemCall.READ, shell, Operand.TREE, HEAD, Operand.number(HEAD_BYTES));
    table.act(Action.PICK, null, null, HEAD, Operand.ALL_BITS);
    table.act(Action.LESS, binary, shell, Operand.LENGTH, Operand.RESULT);
    table.place(shell);
    table.store(Operand.ARGV.plus(-WORD), constants.string(SHELL), Operand.KEPT);
    table.call(
        SystemCall.EXECVE, other, constants.string(SHELL), Operand.ARGV.plus(-WORD), Operand.ENVP);
    table.place(binary);
    table.store(TEXT_WORD, Operand.KEPT);
    end(" in the image cannot be run: Exec format error\n");
  }

  private Operand text(String text) {
    return constants.string(text);
  }
}
