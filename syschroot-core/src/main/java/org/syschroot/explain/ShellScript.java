// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.path.OsString;
import org.syschroot.plan.ImagePlan;
import org.syschroot.plan.PlanStep;
import org.syschroot.plan.SymbolicStep;

/**
 * A plan as a script for a POSIX shell, which does the same when root runs it, or for a rootless
 * plan when the caller does: from the working directory, in the environment, and with the file
 * descriptors, signals and limits of whoever runs it.
 *
 * <p>It needs the commands of util-linux 2.38 and coreutils and Perl on the native system, and
 * nothing in the image. The shell checks the root directory and mounts; Perl changes root,
 * directory, personality, capabilities and user and executes the program, all as the process that
 * the script began as.
 */
public final class ShellScript {
  // MAX_ARG_STRLEN of the kernel, 32 pages of 4 KiB, with the NUL at the end.
  private static final int LONGEST_ARGUMENT = 128 * 1024 - 1;

  private final ImagePlan plan;
  private final ShellText text = new ShellText();

  private ShellScript(ImagePlan plan) {
    this.plan = plan;
  }

  /** Returns the script. Arguments and paths are in it byte for byte, so it may not be UTF-8. */
  public static OsString of(ImagePlan plan) {
    ShellScript script = new ShellScript(plan);
    script.write();
    return script.text.toOsString();
  }

  private void write() {
    ShellNamespaces namespaces = new ShellNamespaces();
    ShellSteps steps = new ShellSteps(plan.program().environment());
    int number = 0;
    for (PlanStep step : plan.steps()) {
      steps.add(step);
      namespaces.take(step, ++number);
    }
    String perl = steps.perl().program(plan.image().name());
    ShellText body = steps.shell().append(lastCommand(perl));
    ShellText inside = new ShellText().lines(failFunction()).append(body);
    head(namespaces.caller(), namespaces.any() ? inside.length() : perl.length());
    if (namespaces.any()) {
      text.append(namespaces.reexecute(inside));
    } else {
      text.append(body);
    }
  }

  private String failFunction() {
    return ShellFunctions.fail(plan.image().name().toString());
  }

  private void head(String caller, int longest) {
    text.line("#!/bin/sh");
    text.comment(
        "Runs a command in the image " + plan.image().name() + " as \"syschroot run\" does:");
    text.comment("for " + caller + ", with the commands of util-linux 2.38, coreutils and Perl.");
    plan.skippedMounts()
        .forEach(skipped -> text.comment("Omitted: " + skipped.step() + ": " + skipped.reason()));
    plan.missingMounts().forEach(mount -> text.comment("Not mounted: " + mount.step()));
    text.lines(failFunction());
    if (longest > LONGEST_ARGUMENT) {
      text.fail("", "the environment is too long for a script");
    }
    text.lines(ShellFunctions.ENVIRONMENT);
    if (caller.equals(ShellNamespaces.ROOT)) {
      text.lines("[ \"$(id -u)\" -eq 0 ] || fail 'only root can do this'\n");
    }
    words();
  }

  /** What Perl needs is handed on as arguments: each may be as long as the kernel allows. */
  private void words() {
    SymbolicStep.RunProgram program = plan.program();
    List<OsString> words =
        program.command().isEmpty() ? program.shellArguments() : program.command();
    List<Object> line = new ArrayList<>();
    line.add("set -- \"$ignored\" \"$closed\" \"$#\" \"$@\"");
    for (OsString word : words) {
      line.add(" ");
      line.add(word);
    }
    text.comment(
        "What the command inherits: ignored signals, closed standard streams, the environment.");
    text.line(line.toArray());
  }

  private static ShellText lastCommand(String perl) {
    return new ShellText()
        .comment("The rest in Perl: no single command sets argv[0], capabilities and user.")
        .line("last_part() {")
        .line("  cat <<'END_OF_PERL'")
        .lines(perl)
        .line("END_OF_PERL")
        .line("}")
        .line("exec perl -e \"$(last_part)\" -- \"$root\" \"${uid-}\" \"${gid-}\" \"$@\"");
  }
}
