// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep.Execute.Candidate;

/**
 * Where a command is to be looked for in the image: along the command's own {@code PATH}, as
 * execvp(3) does. The files are not looked at here, since the mounts may not be there yet; which
 * one runs is decided by execve(2).
 */
final class CommandSearch {
  // confstr(_CS_PATH) with the administrator's directories: used where PATH is not set.
  private static final OsString DEFAULT_PATH =
      OsString.of("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  private static final ImagePath LAST_SHELL = ImagePath.of("/bin/sh");
  private static final OsString SLASH = OsString.of("/");
  private static final OsString DASH = OsString.of("-");

  private final SwitchRequest request;
  private final Environment environment;

  CommandSearch(SwitchRequest request, Environment environment) {
    this.request = request;
    this.environment = environment;
  }

  List<Candidate> candidates() {
    List<OsString> command = request.command();
    List<Candidate> candidates = new ArrayList<>();
    if (command.isEmpty()) {
      for (OsString shell : shells()) {
        candidates.add(new Candidate(shell, List.of(firstArgument(shell.baseName()))));
      }
      return candidates;
    }
    List<OsString> arguments = new ArrayList<>(command);
    OsString own = request.login() ? command.get(0).baseName() : command.get(0);
    arguments.set(0, firstArgument(own));
    for (OsString program : programs(command.get(0))) {
      candidates.add(new Candidate(program, arguments));
    }
    return candidates;
  }

  private List<OsString> shells() {
    if (request.image().shell().isPresent()) {
      return List.of(request.image().shell().get().value());
    }
    List<OsString> shells = new ArrayList<>();
    Optional<OsString> callers = environment.get(OsString.of("SHELL"));
    if (callers.isPresent() && callers.get().startsWith(SLASH)) {
      shells.add(callers.get());
    }
    if (!shells.contains(LAST_SHELL.value())) {
      shells.add(LAST_SHELL.value());
    }
    return shells;
  }

  private OsString firstArgument(OsString own) {
    OsString name = request.programName().orElse(own);
    return request.login() && !name.startsWith(DASH) ? DASH.plus(name) : name;
  }

  private List<OsString> programs(OsString name) {
    if (name.indexOf('/') >= 0) {
      return List.of(name);
    }
    List<OsString> programs = new ArrayList<>();
    OsString path = environment.get(OsString.of("PATH")).orElse(DEFAULT_PATH);
    int start = 0;
    for (int i = 0; i <= path.length(); i++) {
      if (i == path.length() || path.at(i) == ':') {
        OsString directory = path.slice(start, i);
        // An empty element is the current directory, as execvp(3) has it.
        programs.add(directory.isEmpty() ? name : directory.plus(SLASH).plus(name));
        start = i + 1;
      }
    }
    return programs;
  }
}
