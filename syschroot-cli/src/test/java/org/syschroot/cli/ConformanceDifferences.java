// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** All that may differ between ways into an image. */
final class ConformanceDifferences {
  private static final Set<ConformanceWay> EMBEDDED =
      EnumSet.of(ConformanceWay.SPAWN, ConformanceWay.EXEC);
  private static final Set<ConformanceWay> CHILDREN =
      EnumSet.of(ConformanceWay.SPAWN, ConformanceWay.JOB);
  private static final Set<ConformanceWay> LAUNCHERS =
      EnumSet.of(
          ConformanceWay.COMMAND_LAUNCHER,
          ConformanceWay.IMAGE_LAUNCHER,
          ConformanceWay.SET_USER_ID_LAUNCHER);
  private static final Set<ConformanceWay> LAUNCHERS_AND_JOBS = withJob(LAUNCHERS);
  private static final Set<ConformanceWay> JOBS = EnumSet.of(ConformanceWay.JOB);

  private static final List<ConformanceDifference> ALL =
      List.of(
          new ConformanceDifference(
              Set.of("process: own process group and session", "process: pending alarm"),
              CHILDREN,
              true,
              "differs",
              "A child is another process than the one that asks for it: it leads neither its"
                  + " session nor its group, and has no timers.",
              "status 0\nout: (member|lost)\nerr: "),
          new ConformanceDifference(
              Set.of("process: process ID and parent"),
              JOBS,
              true,
              "differs",
              "A job is the scheduler's child.",
              "status 0\nout: (sbatch|slurm_script|sh)[^\n]*\n\nerr: "),
          new ConformanceDifference(
              Set.of("process: ignored SIGCHLD"),
              EnumSet.of(ConformanceWay.SPAWN),
              true,
              "differs",
              "A program that ignores SIGCHLD cannot learn how its children end: the kernel keeps"
                  + " nothing of them. waitFor says so.",
              "status 1\nout: .*err: .*its exit status is lost.*"),
          new ConformanceDifference(
              Set.of(
                  "process: signal mask",
                  "process: ignored signals",
                  "process: ignored SIGCHLD",
                  "process: limit of open files",
                  "open files: closed standard input",
                  "environment: variables aimed at a JVM, Perl and the loader",
                  "directory: deleted"),
              EMBEDDED,
              false,
              "the JVM's",
              "A JVM changes its signals, its limit of open files and its standard streams, and"
                  + " takes its options from the environment, before the library's first line"
                  + " runs; it does not start in a deleted directory. What a command then gets is"
                  + " what the embedding program has.",
              "(?:status 0\nout: (SigBlk:\\s+0{16}\n|.*SigIgn:.*|999 999|open\n|LD_LIBRARY_PATH=/nowhere\n"
                  + "PERL5LIB=/nowhere\n)\nerr: (Picked up JAVA_TOOL_OPTIONS[^\n]*\n)?"
                  + "|status 1\nout: Error occurred during initialization of VM.*)"),
          new ConformanceDifference(
              Set.of("open files: a file descriptor of the caller"),
              EMBEDDED,
              false,
              "differs",
              "The descriptors of a JVM are its own: a command gets the three standard streams,"
                  + " and those that Spawn.descriptor names.",
              "status 9\nout: \nerr: Died.*"),
          new ConformanceDifference(
              Set.of(
                  "process: signal mask",
                  "process: ignored SIGCHLD",
                  "open files: closed standard input",
                  "environment: an exported shell function"),
              JOBS,
              false,
              "the scheduler's",
              "The scheduler starts a job, by a shell: signals, standard input and functions are"
                  + " theirs.",
              "status (0|125)\nout: .*\nerr: .*"),
          new ConformanceDifference(
              Set.of("process: ignored SIGCHLD"),
              EnumSet.of(
                  ConformanceWay.RUN,
                  ConformanceWay.CACHED,
                  ConformanceWay.SYMBOLIC_LINK,
                  ConformanceWay.SCRIPT),
              false,
              "lost",
              "Perl, which starts the command, and shells give SIGCHLD its default back before"
                  + " anything of ours runs.",
              "status 0\nout: .*SigIgn:\\s+0000000000000000\n.*\nerr: "),
          new ConformanceDifference(
              Set.of("mounts: down"),
              LAUNCHERS_AND_JOBS,
              false,
              "refused",
              "A launcher mounts nothing, and so does a job by it: root runs \"syschroot mount\".",
              "status 125\nout: \nerr: syschroot: c\\d+: /srv/real is not mounted.*"),
          new ConformanceDifference(
              Set.of("mounts: something else on a target"),
              LAUNCHERS,
              true,
              "enters",
              "A launcher sees that something is mounted, and cannot see whether it is what was"
                  + " configured; \"status\" and the node check can.",
              "status 0\nout: host\nerr: "));

  private static Set<ConformanceWay> withJob(Set<ConformanceWay> ways) {
    Set<ConformanceWay> all = EnumSet.copyOf(ways);
    all.add(ConformanceWay.JOB);
    return all;
  }

  private ConformanceDifferences() {}

  static List<ConformanceDifference> all() {
    return ALL;
  }

  static Optional<ConformanceDifference> of(Situation situation, ConformanceWay way) {
    return ALL.stream().filter(one -> one.concerns(situation, way)).findFirst();
  }

  /** Returns what no situation has any more. */
  static List<String> unused(List<Situation> situations) {
    List<String> names = situations.stream().map(Situation::toString).toList();
    return ALL.stream()
        .flatMap(one -> one.situations().stream())
        .filter(name -> !names.contains(name))
        .toList();
  }
}
