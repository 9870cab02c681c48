// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.util.List;
import java.util.Optional;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * A job to be submitted. Immutable.
 *
 * @param image the name of the image
 * @param root the image's root directory
 * @param rootSuffices whether the image has no settings beyond its root directory, such as a
 *     personality, so that a bare change of root is enough
 * @param launchers the image's launchers
 * @param arguments what the user says to the scheduler's command, the job's script included
 * @param loginShell the user's shell, a path of the native system; empty if unknown
 * @param scripts how scripts are read
 */
public record BatchJob(
    String image,
    HostPath root,
    boolean rootSuffices,
    List<BatchLauncher> launchers,
    List<OsString> arguments,
    Optional<OsString> loginShell,
    JobScripts scripts) {
  private static final List<String> LAST_SHELLS = List.of("bash", "sh");

  /** Copies the lists. */
  public BatchJob {
    launchers = List.copyOf(launchers);
    arguments = List.copyOf(arguments);
  }

  /** Returns whether a path is that of one of the launchers. */
  boolean isLauncher(OsString path) {
    return launchers.stream().anyMatch(one -> one.path().value().equals(path));
  }

  /** Returns the launcher of a program, by its name. */
  Optional<HostPath> launcherOf(String program) {
    return launchers.stream()
        .filter(one -> one.program().filter(program::equals).isPresent())
        .map(BatchLauncher::path)
        .findFirst();
  }

  /** Returns the launcher of the image as a whole. */
  Optional<HostPath> imageLauncher() {
    return launchers.stream()
        .filter(one -> one.program().isEmpty())
        .map(BatchLauncher::path)
        .findFirst();
  }

  /**
   * Returns the launcher that stands for a shell the user has asked for.
   *
   * @param shell a path of the native system, of a launcher or of the image
   */
  HostPath shellAskedFor(OsString shell) throws SubmissionException {
    if (isLauncher(shell)) {
      return HostPath.of(shell);
    }
    String name = shell.baseName().toString();
    return launcherOf(name).orElseThrow(() -> noLauncher(name));
  }

  /** Returns the launcher of any shell: the user's own, that of the image, bash or sh. */
  HostPath anyShell() throws SubmissionException {
    Optional<HostPath> own = loginShell.flatMap(path -> launcherOf(path.baseName().toString()));
    Optional<HostPath> found = own.or(this::imageLauncher);
    for (String name : LAST_SHELLS) {
      found = found.or(() -> launcherOf(name));
    }
    return found.orElseThrow(() -> noLauncher("sh"));
  }

  SubmissionException noLauncher(String program) {
    return new SubmissionException(
        image
            + " has no launcher for "
            + program
            + ": the administrator must add it to [launchers] in the configuration file of the"
            + " image, then: \"syschroot link "
            + image
            + "\"");
  }
}
