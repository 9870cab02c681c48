// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchPlan;

/**
 * A plan as a script for a POSIX shell, which does the same when root runs it, or for a rootless
 * plan when the caller does.
 *
 * <p>It needs the commands of util-linux 2.38 and coreutils on the native system, and nothing in
 * the image: the last command, nsenter(1) or unshare(1), changes root, directory and user and
 * executes the program, all as the process that the script began as. What the commands cannot do, a
 * comment at the step says; if the command would run otherwise than planned, the script ends with
 * 125 before it has done anything.
 */
public final class ShellScript {
  // MAX_ARG_STRLEN of the kernel, 32 pages of 4 KiB, with the NUL at the end.
  private static final int LONGEST_ARGUMENT = 128 * 1024 - 1;

  private final SwitchPlan plan;
  private final ShellText text = new ShellText();

  private ShellScript(SwitchPlan plan) {
    this.plan = plan;
  }

  /** Returns the script. Arguments and paths are in it byte for byte, so it may not be UTF-8. */
  public static OsString of(SwitchPlan plan) {
    ShellScript script = new ShellScript(plan);
    script.write();
    return script.text.toOsString();
  }

  private void write() {
    ShellSteps visitor = new ShellSteps();
    ShellText body = new ShellText();
    ShellNamespaces namespaces = new ShellNamespaces();
    int number = 0;
    for (KernelStep step : plan.steps()) {
      String comment = ++number + ": " + StepDescription.of(step).text();
      ShellText lines = step.accept(visitor);
      if (!namespaces.take(step, comment)) {
        body.comment(comment).append(lines);
      }
    }
    List<String> refusals = new ArrayList<>(visitor.refusals());
    ShellText inside = new ShellText().lines(failFunction()).append(body);
    if (namespaces.any() && inside.length() > LONGEST_ARGUMENT) {
      refusals.add("the command and its environment are too long for sh -c");
    }
    head(refusals, namespaces.caller());
    if (namespaces.any()) {
      text.append(namespaces.reexecute(inside));
    } else {
      text.append(body);
    }
  }

  private String failFunction() {
    return ShellFunctions.fail(plan.image().name().toString());
  }

  private void head(List<String> refusals, String caller) {
    text.line("#!/bin/sh");
    text.comment(
        "Runs a command in the image " + plan.image().name() + " as \"syschroot run\" does:");
    text.comment("for " + caller + ", with the commands of util-linux 2.38 and coreutils.");
    plan.skippedMounts()
        .forEach(skipped -> text.comment("Left out: " + skipped.step() + ": " + skipped.reason()));
    plan.missingMounts().forEach(mount -> text.comment("Not mounted: " + mount.step()));
    text.lines(failFunction());
    for (String refusal : refusals) {
      text.fail("", "this script cannot do what is planned: " + refusal);
    }
    if (caller.equals(ShellNamespaces.ROOT)) {
      text.lines("[ \"$(id -u)\" -eq 0 ] || fail 'only root can do this'\n");
    }
  }
}
