// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountOption;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * Torque, and the other schedulers of the PBS family. The job's shell is a launcher ({@code qsub
 * -S}); where an image has none, Torque itself changes root ({@code qsub -D}, which OpenPBS lacks).
 *
 * @see <a href="http://docs.adaptivecomputing.com/torque/6-1-2/adminGuide/torque.htm">Torque's
 *     guide, qsub(1B)</a>
 */
public final class Torque implements Scheduler {
  static final Torque INSTANCE = new Torque("torque", true);
  static final Torque PBS = new Torque("pbs", false);
  static final Torque OPENPBS = new Torque("openpbs", false);

  // qsub(1B)
  private static final OptionSyntax SYNTAX = OptionSyntax.getopt("EfhInVxXz", Set.of());
  private static final ShellOption SHELL = new ShellOption("qsub", "#PBS");

  private final String name;
  private final boolean changesRoot;

  private Torque(String name, boolean changesRoot) {
    this.name = name;
    this.changesRoot = changesRoot;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String program() {
    return "qsub";
  }

  @Override
  public Submission submission(BatchJob job) throws IOException {
    // Torque does not look at a script's first line: without -S the login shell runs it.
    return job.launchers().isEmpty()
        ? changeOfRoot(job)
        : SHELL.choose(job, SYNTAX.scan(job.arguments()), false);
  }

  private Submission changeOfRoot(BatchJob job) throws SubmissionException {
    if (!changesRoot) {
      throw job.noLauncher("a shell");
    }
    if (!job.rootSuffices()) {
      throw new SubmissionException(
          job.image()
              + " has no launchers, and \"qsub -D\" ignores its other settings: the administrator"
              + " must add [launchers] to its configuration file");
    }
    return new Submission(
        Submission.words(
            program(), List.of(OsString.of("-D"), job.root().value()), job.arguments()),
        Optional.empty(),
        Optional.empty());
  }

  @Override
  public List<BindMount> spool(SchedulerFiles host) {
    List<BindMount> spool = new ArrayList<>();
    for (String home : List.of("/var/spool/torque", pbsHome(host))) {
      spool.add(
          BindMount.of(
              HostPath.of(home + "/mom_priv/jobs"), MountOption.OPTIONAL, MountOption.READ_ONLY));
    }
    return spool;
  }

  @Override
  public String nodeCheck() {
    return Scheduler.script(changesRoot ? "torque-check.sh" : "node-check.sh");
  }

  /** OpenPBS says in this file where it keeps everything. */
  private static String pbsHome(SchedulerFiles host) {
    return host.lines("/etc/pbs.conf").stream()
        .filter(line -> line.startsWith("PBS_HOME=/"))
        .map(line -> line.substring("PBS_HOME=".length()).strip())
        .findFirst()
        .orElse("/var/spool/pbs");
  }
}
