// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.describe.PlanDescription;
import org.syschroot.describe.Shown;
import org.syschroot.describe.StepDescription;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.KernelStep.Execute;
import org.syschroot.plan.KernelStep.Execute.Candidate;
import org.syschroot.plan.SwitchPlan;

/**
 * A plan as text: one line for each step, with its system calls.
 *
 * <p>For logs and for people who ask what a start will do; {@link ShellScript} is for those who
 * want to do it by hand.
 *
 * <pre>{@code
 * SwitchPlan plan = syschroot.plan(SwitchRequest.in(sl5).command("make"));
 * System.out.println(TextExplanation.of(plan));
 * }</pre>
 */
public final class TextExplanation {
  private static final int WIDEST_COLUMN = 64;
  private static final OsString MARKER = OsString.of("SYSCHROOT_IMAGE=");

  private final SwitchPlan plan;
  private final StringBuilder text = new StringBuilder();

  private TextExplanation(SwitchPlan plan) {
    this.plan = plan;
  }

  /** Returns the text, which has no control characters but the line feeds that end its lines. */
  public static String of(SwitchPlan plan) {
    TextExplanation explanation = new TextExplanation(plan);
    explanation.write();
    return explanation.text.toString();
  }

  private void write() {
    line(plan.image().name() + ": " + plan.image().place());
    List<StepDescription> steps = PlanDescription.of(plan).steps();
    int width = width(steps);
    for (int i = 0; i < steps.size(); i++) {
      StepDescription step = steps.get(i);
      String calls = String.join(", ", step.systemCalls().stream().distinct().toList());
      line(String.format("%2d  %-" + width + "s  %s", i + 1, Shown.line(step.text()), calls));
      if (plan.steps().get(i) instanceof Execute) {
        notes((Execute) plan.steps().get(i));
      }
    }
    for (MountSelection.Skipped skipped : plan.skippedMounts()) {
      line("omitted: " + skipped.step().target() + ": " + Shown.line(skipped.reason()));
    }
    for (MountSelection.Mount missing : plan.missingMounts()) {
      line("not mounted: " + missing.step().target() + ": configured, but not mounted");
    }
  }

  private static int width(List<StepDescription> steps) {
    return steps.stream()
        .mapToInt(step -> Shown.line(step.text()).length())
        .filter(length -> length <= WIDEST_COLUMN)
        .max()
        .orElse(1);
  }

  private void notes(KernelStep.Execute step) {
    List<List<OsString>> arguments =
        step.candidates().stream().map(Candidate::arguments).distinct().toList();
    List<String> shown = new ArrayList<>();
    arguments.forEach(words -> shown.add(Shown.words(words)));
    line("    arguments: " + String.join(" | ", shown));
    int entries = step.environment().size();
    StringBuilder environment = new StringBuilder();
    environment.append(entries).append(entries == 1 ? " entry" : " entries");
    step.environment().stream()
        .filter(entry -> entry.startsWith(MARKER))
        .forEach(entry -> environment.append(", ").append(entry));
    line("    environment: " + environment);
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
