// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.caller.Environment;
import org.syschroot.caller.SearchPath;
import org.syschroot.caller.ShellChoice;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep.Execute.Candidate;

/**
 * Where a command is to be looked for in the image: along the command's own {@code PATH}, as
 * execvp(3) does. The files are not looked at here, since the mounts may not be there yet; which
 * one runs is decided by execve(2).
 */
final class CommandSearch {
  private static final OsString SLASH = OsString.of("/");

  private final SymbolicStep.RunProgram program;
  private final Environment environment;

  CommandSearch(SymbolicStep.RunProgram program, Environment environment) {
    this.program = program;
    this.environment = environment;
  }

  List<Candidate> candidates() {
    List<OsString> command = program.command();
    List<Candidate> candidates = new ArrayList<>();
    if (command.isEmpty()) {
      for (OsString shell : shells()) {
        List<OsString> arguments = new ArrayList<>(program.shellArguments());
        arguments.add(0, firstArgument(shell.baseName()));
        candidates.add(new Candidate(shell, arguments));
      }
      return candidates;
    }
    List<OsString> arguments = new ArrayList<>(command);
    OsString own = program.login() ? command.get(0).baseName() : command.get(0);
    arguments.set(0, firstArgument(own));
    for (OsString path : SearchPath.in(environment.entries()).programs(command.get(0))) {
      candidates.add(new Candidate(path, arguments));
    }
    return candidates;
  }

  private List<OsString> shells() {
    if (program.shell().isPresent()) {
      return List.of(program.shell().get().value());
    }
    List<OsString> shells = new ArrayList<>();
    Optional<OsString> callers = environment.get(ShellChoice.VARIABLE);
    if (callers.isPresent() && callers.get().startsWith(SLASH)) {
      shells.add(callers.get());
    }
    if (!shells.contains(ShellChoice.LAST.value())) {
      shells.add(ShellChoice.LAST.value());
    }
    return shells;
  }

  private OsString firstArgument(OsString own) {
    OsString name = program.programName().orElse(own);
    return program.login() ? ShellChoice.loginName(name) : name;
  }
}
