// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.util.Optional;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * The interpreter that a script's first line names, as execve(2) reads it: a path, and at most one
 * argument, which may contain blanks. Immutable.
 *
 * @param path the interpreter
 * @param argument its argument, or empty
 */
record ScriptInterpreter(OsString path, Optional<OsString> argument) {
  private static final OsString HASH_BANG = OsString.of("#!");
  private static final OsString BLANK = OsString.of(" ");
  private static final String ENV = "env";

  /** Returns the interpreter of a script, or empty if its first line names none. */
  static Optional<ScriptInterpreter> of(byte[] script) {
    int end = 0;
    while (end < script.length && script[end] != '\n' && script[end] != 0) {
      end++;
    }
    OsString line = OsString.ofBytes(script, 0, end);
    if (!line.startsWith(HASH_BANG)) {
      return Optional.empty();
    }
    OsString rest = strip(line.slice(2, line.length()));
    if (rest.isEmpty()) {
      return Optional.empty();
    }
    int blank = 0;
    while (blank < rest.length() && !isBlank(rest.at(blank))) {
      blank++;
    }
    OsString argument = strip(rest.slice(blank, rest.length()));
    return Optional.of(
        new ScriptInterpreter(
            rest.slice(0, blank), argument.isEmpty() ? Optional.empty() : Optional.of(argument)));
  }

  private static OsString strip(OsString text) {
    int start = 0;
    int end = text.length();
    while (start < end && isBlank(text.at(start))) {
      start++;
    }
    while (end > start && isBlank(text.at(end - 1))) {
      end--;
    }
    return text.slice(start, end);
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }

  /** Returns the program that is meant: env(1) with one plain word only looks it up. */
  OsString program() {
    return isEnv() && argument.filter(ScriptInterpreter::isPlain).isPresent()
        ? argument.get()
        : path;
  }

  private boolean isEnv() {
    return path.baseName().toString().equals(ENV);
  }

  private static boolean isPlain(OsString word) {
    return word.at(0) != '-'
        && word.indexOf(' ') < 0
        && word.indexOf('\t') < 0
        && word.indexOf('=') < 0;
  }

  /** Returns the same interpreter in an image, by one of its launchers. */
  ScriptInterpreter in(BatchJob job) throws SubmissionException {
    OsString program = program();
    Optional<OsString> rest = program.equals(path) ? argument : Optional.empty();
    Optional<HostPath> launcher = job.launcherOf(program.baseName().toString());
    if (launcher.isPresent()) {
      return new ScriptInterpreter(launcher.get().value(), rest);
    }
    HostPath whole =
        job.imageLauncher().orElseThrow(() -> job.noLauncher(program.baseName().toString()));
    if (rest.isPresent()) {
      throw new SubmissionException(
          "the script's first line \""
              + line()
              + "\" has an argument, and a first line takes only one, which would be "
              + program
              + ": remove the argument, or ask the administrator for a launcher for "
              + program.baseName());
    }
    return new ScriptInterpreter(whole.value(), Optional.of(program));
  }

  /** Returns the first line of a script that names it. */
  OsString line() {
    OsString line = HASH_BANG.plus(path);
    return argument.isPresent() ? line.plus(BLANK).plus(argument.get()) : line;
  }
}
