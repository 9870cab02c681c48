// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.syschroot.image.SchedulerDefinition;
import org.syschroot.image.SchedulerDefinition.Place;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountOption;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.quote.ShellQuote;

/** A scheduler of which everything is data, one of those that are known or a site's own. */
public final class DefinedScheduler implements Scheduler {
  // What a shell takes as it stands, in words with blanks between them.
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./=:,@%+ -]*");

  private final String name;
  private final SchedulerDefinition definition;
  private final OptionSyntax syntax;

  DefinedScheduler(String name, SchedulerDefinition definition) {
    this.name = name;
    this.definition = definition;
    this.syntax = syntax(definition);
  }

  private static OptionSyntax syntax(SchedulerDefinition definition) {
    if (definition.longWords()) {
      return OptionSyntax.words(
          definition.flags().stream().distinct().collect(Collectors.toMap(flag -> flag, f -> 0)));
    }
    Predicate<String> isShort = flag -> flag.length() == 1;
    return OptionSyntax.getopt(
        definition.flags().stream().filter(isShort).distinct().collect(Collectors.joining()),
        definition.flags().stream().filter(isShort.negate()).collect(Collectors.toSet()));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String program() {
    return definition.command().get(0);
  }

  @Override
  public Submission submission(BatchJob job) throws IOException {
    ScannedOptions scanned = syntax.scan(job.arguments());
    for (ScannedOptions.Option option : scanned.options()) {
      if (definition.refused().contains(option.name())) {
        throw new SubmissionException(
            (option.name().length() == 1 || definition.longWords() ? "-" : "--")
                + option.name()
                + " of "
                + program()
                + " does not work with a launcher: leave it out, or submit by "
                + program()
                + " a script whose first line names a launcher");
      }
    }
    if (definition.place() == Place.OPTION) {
      Submission chosen =
          new ShellOption(program(), definition.directive(), definition.option())
              .choose(job, scanned, false);
      return new Submission(withFirstWords(chosen.command()), chosen.launcher(), chosen.script());
    }
    if (scanned.script().isEmpty()) {
      return ofInput(job);
    }
    HostPath launcher = job.imageLauncher().orElseThrow(() -> job.noLauncher("the whole image"));
    return Submission.by(launcher, command(entering(scanned, launcher.value())));
  }

  /** Returns the command with the words of the definition that follow its name. */
  private List<OsString> withFirstWords(List<OsString> words) {
    return command(words.subList(1, words.size()));
  }

  private List<OsString> command(List<OsString> arguments) {
    List<OsString> first =
        definition.command().stream().skip(1).map(OsString::of).collect(Collectors.toList());
    return Submission.words(program(), first, arguments);
  }

  private List<OsString> entering(ScannedOptions scanned, OsString launcher) {
    int start = scanned.firstOperand();
    List<OsString> words = new ArrayList<>(scanned.arguments().subList(0, start));
    List<OsString> job = scanned.arguments().subList(start, scanned.arguments().size());
    switch (definition.place()) {
      case WORD -> {
        words.add(launcher);
        words.addAll(job);
      }
      case TEXT -> {
        words.add(launcher);
        if (job.stream().allMatch(DefinedScheduler::isPlain)) {
          words.addAll(job);
        } else {
          words.addAll(List.of(OsString.of("/bin/sh"), OsString.of("-c"), quoted(job)));
        }
      }
      default -> {
        OsString text = job.get(0);
        OsString shell = launcher.plus(OsString.of(" /bin/sh -c "));
        words.add(
            isPlain(text)
                ? launcher.plus(OsString.of(" ")).plus(text)
                : shell.plus(ShellQuote.of(text)));
        words.addAll(job.subList(1, job.size()));
      }
    }
    return words;
  }

  private static boolean isPlain(OsString text) {
    return PLAIN.matcher(text.toString()).matches();
  }

  private static OsString quoted(List<OsString> words) {
    OsString text = words.get(0);
    for (OsString word : words.subList(1, words.size())) {
      text = text.plus(OsString.of(" ")).plus(word);
    }
    return ShellQuote.of(text);
  }

  private Submission ofInput(BatchJob job) throws IOException {
    if (!definition.scriptOnInput()) {
      throw new SubmissionException(
          "name the command of the job behind the options of " + program());
    }
    byte[] script = job.scripts().readStandardInput();
    ScriptInterpreter interpreter =
        ScriptInterpreter.of(script)
            .orElseThrow(
                () ->
                    new SubmissionException(
                        "the script on standard input does not begin with #!: write"
                            + " \"#!/bin/sh\" in its first line"));
    ScriptInterpreter launcher =
        job.isLauncher(interpreter.path()) ? interpreter : interpreter.in(job);
    return Submission.by(HostPath.of(launcher.path()), command(job.arguments()))
        .with(EditedScript.of(Optional.empty(), script, launcher.line()));
  }

  @Override
  public List<BindMount> spool(SchedulerFiles host) {
    return definition.spool().stream()
        .map(path -> BindMount.of(path, MountOption.OPTIONAL))
        .toList();
  }

  @Override
  public Set<String> privateDirectories(SchedulerFiles host) {
    return definition.privateDirectories().stream()
        .map(HostPath::toString)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  @Override
  public String nodeCheck() {
    return Scheduler.script("node-check.sh");
  }
}
