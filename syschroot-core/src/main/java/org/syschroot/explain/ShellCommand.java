// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep.Execute;
import org.syschroot.plan.KernelStep.Execute.Candidate;
import org.syschroot.plan.SearchPath;
import org.syschroot.plan.Signals;

/**
 * The last command of a script: nsenter(1) in the environment of the plan.
 *
 * <p>nsenter uses execvp(3), so {@code argv[0]} is the program as it is named. It is exact where
 * the plan looks along {@code PATH}, since then nsenter is given the name and does the same look-up
 * inside. Without a program nsenter starts {@code $SHELL} as a login shell. For one script.
 */
final class ShellCommand {
  private static final OsString SHELL = OsString.of("SHELL=");
  private static final OsString PATH = OsString.of("PATH=");
  private static final OsString LOADER = OsString.of("LD_");
  private static final OsString DASH = OsString.of("-");
  private static final OsString SLASH = OsString.of("/");
  // Signals that glibc keeps for itself, signal(7); env(1) refuses them.
  private static final Set<Integer> RESERVED_SIGNALS = Set.of(32, 33);

  private final Execute step;
  private final Signals signals;
  private final List<String> refusals = new ArrayList<>();

  ShellCommand(Execute step, Signals signals) {
    this.step = step;
    this.signals = signals;
  }

  List<String> refusals() {
    return Collections.unmodifiableList(refusals);
  }

  /**
   * Returns the lines.
   *
   * @param enter the command and options that change root and directory, and then execute
   */
  ShellText text(String enter) {
    ShellText text = new ShellText();
    List<Object> words = new ArrayList<>(program(text));
    List<OsString> environment = environment(text);
    text.comment("First all of it without the command: what fails there is our failure (125).");
    text.line("status=0");
    text.line("problem=$(LC_ALL=C \"$@\" " + enter + " -- '' 2>&1) ||").line("  status=$?");
    text.line("[ \"$status\" -eq 127 ] || fail \"cannot start the command: $problem\"");
    if (signals.ignored() != 0) {
      text.line("trap '' " + join(signals.ignoredNumbers()));
    }
    text.line("exec \"$@\" env -i" + blocked() + " -- \\");
    environment.forEach(entry -> text.line("  ", entry, " \\"));
    if (words.isEmpty()) {
      return text.line("  ", enter);
    }
    List<OsString> arguments = step.candidates().get(0).arguments();
    arguments.stream().skip(1).forEach(argument -> words.addAll(List.of(" ", argument)));
    words.add(0, "  ");
    return text.line("  ", enter, " -- \\").line(words.toArray());
  }

  /** Adds what finds the program, and returns the word for it; none for a login shell. */
  private List<Object> program(ShellText text) {
    Candidate first = step.candidates().get(0);
    if (isNameAlongPath()) {
      text.comment("nsenter looks along the PATH of this environment, in the image.");
      return List.of(first.arguments().get(0));
    }
    if (isLoginShell(first)) {
      text.comment("Without a program nsenter starts $SHELL with the argv[0] of a login shell.");
      if (step.candidates().size() > 1) {
        text.lines(ShellFunctions.THERE).line("there ", first.program(), " ||");
        text.fail("  ", "no " + first.program() + " in the image, and no way to log in to another");
      }
      return List.of();
    }
    checkFirstArguments(text);
    choose(text);
    return List.of("\"$program\"");
  }

  private boolean isNameAlongPath() {
    List<OsString> arguments = step.candidates().get(0).arguments();
    if (arguments.isEmpty() || arguments.get(0).isEmpty() || arguments.get(0).indexOf('/') >= 0) {
      return false;
    }
    OsString name = arguments.get(0);
    List<OsString> looked =
        step.environment().stream().anyMatch(entry -> entry.startsWith(PATH))
            ? SearchPath.in(step.environment()).programs(name)
            : List.of();
    return looked.equals(step.candidates().stream().map(Candidate::program).toList())
        && step.candidates().stream().allMatch(other -> other.arguments().equals(arguments));
  }

  private boolean isLoginShell(Candidate candidate) {
    return step.environment().contains(SHELL.plus(candidate.program()))
        && candidate.arguments().equals(List.of(DASH.plus(candidate.program().baseName())));
  }

  private void checkFirstArguments(ShellText text) {
    boolean paths = false;
    for (Candidate candidate : step.candidates()) {
      OsString program = named(candidate);
      if (candidate.arguments().isEmpty()) {
        refusals.add("a command without argv[0]");
      } else if (candidate.arguments().get(0).equals(program.baseName())) {
        paths = true;
      } else if (!candidate.arguments().get(0).equals(program)) {
        OsString name = candidate.arguments().get(0);
        text.comment("Refused above: only exec -a of bash could set argv[0] to " + name + ".");
        refusals.add("nsenter cannot run " + program + " with the argv[0] " + name);
      }
    }
    if (paths) {
      text.comment("argv[0] is planned to be the base name, but nsenter makes it the whole path.");
    }
  }

  /** Returns the program so that it is not looked for along PATH. */
  private static OsString named(Candidate candidate) {
    OsString program = candidate.program();
    return program.indexOf('/') >= 0 ? program : OsString.of("./").plus(program);
  }

  private void choose(ShellText text) {
    List<Candidate> candidates = step.candidates();
    if (candidates.size() == 1) {
      text.line("program=", named(candidates.get(0)));
      return;
    }
    text.lines(ShellFunctions.THERE);
    String before = "if ";
    for (Candidate candidate : candidates) {
      OsString program = named(candidate);
      boolean relative = !program.startsWith(SLASH);
      text.line(before, "there ", relative ? "\"$directory\"/" : "", program, "; then");
      text.line("  program=", program);
      before = "elif ";
    }
    OsString name = candidates.get(0).program().baseName();
    text.line("else").line("  fail ", OsString.of("the image has no " + name), " 127");
    text.line("fi");
  }

  private List<OsString> environment(ShellText text) {
    List<OsString> entries = new ArrayList<>();
    Set<OsString> names = new HashSet<>();
    for (OsString entry : step.environment()) {
      int end = entry.indexOf('=');
      if (end < 0) {
        text.comment("Not a variable, which env cannot set: " + entry);
      } else if (!names.add(entry.slice(0, end))) {
        text.comment("A second value, which env cannot add: " + entry);
      } else {
        entries.add(entry);
        if (entry.startsWith(LOADER)) {
          text.comment(entry.slice(0, end) + " is obeyed by nsenter of the native system too.");
        }
      }
    }
    return entries;
  }

  private String blocked() {
    List<Integer> numbers = new Signals(0, signals.blocked()).ignoredNumbers();
    List<Integer> possible = numbers.stream().filter(n -> !RESERVED_SIGNALS.contains(n)).toList();
    return possible.stream().map(n -> " --block-signal=" + n).collect(Collectors.joining());
  }

  private static String join(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
  }
}
