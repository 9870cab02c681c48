// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * The command that submits a job. It is run with the caller's environment less {@code
 * SYSCHROOT_IMAGE}: most schedulers hand the environment on, and a job is in its own image, not in
 * that of the shell it was submitted from. Immutable.
 *
 * @param command the program, looked for along PATH, and its arguments
 * @param launcher the launcher by which the job enters the image, if it is known here
 * @param script what its standard input is to be; empty for the caller's own
 */
public record Submission(
    List<OsString> command, Optional<HostPath> launcher, Optional<EditedScript> script) {
  /** Copies the list. */
  public Submission {
    command = List.copyOf(command);
  }

  static Submission by(HostPath launcher, List<OsString> command) {
    return new Submission(command, Optional.of(launcher), Optional.empty());
  }

  Submission with(EditedScript edited) {
    return new Submission(command, launcher, Optional.of(edited));
  }

  /** Returns a list of a program, some words, and further arguments. */
  static List<OsString> words(String program, List<OsString> words, List<OsString> arguments) {
    List<OsString> command = new ArrayList<>();
    command.add(OsString.of(program));
    command.addAll(words);
    command.addAll(arguments);
    return command;
  }
}
