// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountOption;
import org.syschroot.path.HostPath;

/**
 * Grid Engine (Sun's, Oracle's, Univa's, Son of). The job's shell is a launcher ({@code qsub -S}),
 * for queues whose {@code shell_start_mode} is {@code posix_compliant} or {@code
 * script_from_stdin}; with {@code unix_behavior} only the script's first line counts.
 *
 * @see <a
 *     href="https://manpages.ubuntu.com/manpages/jammy/man1/sge_submit.1.html">sge_submit(1)</a>
 */
public final class GridEngine implements Scheduler {
  static final GridEngine INSTANCE = new GridEngine("gridengine");
  static final GridEngine SGE = new GridEngine("sge");

  // sge_submit(1): options that are not followed by exactly one value.
  private static final OptionSyntax SYNTAX =
      OptionSyntax.words(
          Map.ofEntries(
              Map.entry("clear", 0),
              Map.entry("cwd", 0),
              Map.entry("h", 0),
              Map.entry("hard", 0),
              Map.entry("help", 0),
              Map.entry("notify", 0),
              Map.entry("pe", 2),
              Map.entry("soft", 0),
              Map.entry("terse", 0),
              Map.entry("V", 0),
              Map.entry("verify", 0)));
  private static final ShellOption SHELL = new ShellOption("qsub", "#$");

  private final String name;

  private GridEngine(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String nodeCheck() {
    return Scheduler.script("gridengine-check.sh");
  }

  @Override
  public String program() {
    return "qsub";
  }

  @Override
  public Submission submission(BatchJob job) throws IOException {
    ScannedOptions scanned = SYNTAX.scan(job.arguments());
    if (isNo(scanned, "shell")) {
      throw new SubmissionException(
          "\"-shell no\" starts the command without a shell, so the launcher is not used: remove"
              + " it");
    }
    boolean isProgram = isYes(scanned, "b");
    ScannedOptions looked =
        isProgram
            ? new ScannedOptions(scanned.arguments(), scanned.options(), scanned.arguments().size())
            : scanned;
    return SHELL.choose(job, looked, true);
  }

  private static boolean isYes(ScannedOptions scanned, String option) {
    return scanned
        .last(option, option)
        .filter(o -> o.value().get().toString().startsWith("y"))
        .isPresent();
  }

  private static boolean isNo(ScannedOptions scanned, String option) {
    return scanned
        .last(option, option)
        .filter(o -> o.value().get().toString().startsWith("n"))
        .isPresent();
  }

  @Override
  public List<BindMount> spool(SchedulerFiles host) {
    Set<String> places = new LinkedHashSet<>();
    for (String file : List.of(home(host) + "/common/configuration")) {
      host.lines(file).stream()
          .map(line -> line.strip().split("\\s+", 2))
          .filter(words -> words.length == 2 && words[0].equals("execd_spool_dir"))
          .filter(words -> words[1].startsWith("/"))
          .forEach(words -> places.add(words[1].strip()));
    }
    places.add("/var/spool/gridengine/execd");
    places.add(home(host) + "/spool");
    return places.stream()
        .map(place -> HostPath.of(place))
        .map(place -> BindMount.of(place, MountOption.OPTIONAL, MountOption.READ_ONLY))
        .toList();
  }

  /** Returns {@code $SGE_ROOT/$SGE_CELL}, from Debian's file for its services or its defaults. */
  private static String home(SchedulerFiles host) {
    String root = "/var/lib/gridengine";
    String cell = "default";
    for (String line : host.lines("/etc/default/gridengine")) {
      if (line.startsWith("SGE_ROOT=/")) {
        root = line.substring("SGE_ROOT=".length()).strip();
      } else if (line.startsWith("SGE_CELL=")) {
        cell = line.substring("SGE_CELL=".length()).strip();
      }
    }
    return root + "/" + cell;
  }
}
