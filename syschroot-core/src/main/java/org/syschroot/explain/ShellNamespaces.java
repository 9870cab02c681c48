// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.describe.StepDescription;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.PlanStep;
import org.syschroot.plan.UserIds;

/**
 * The namespaces that a script enters, which takes a new program: the rest of the script runs there
 * as an argument of {@code sh -c}. For one script.
 */
final class ShellNamespaces {
  /** Who can run a script that enters no user namespace. */
  static final String ROOT = "root";

  private final List<String> comments = new ArrayList<>();
  private final List<PlanStep> taken = new ArrayList<>();
  private boolean ofUser;
  private boolean ranges;
  private boolean ofMounts;

  /**
   * Takes a step if it enters a namespace, and looks at the others.
   *
   * @param number its own, from 1 on
   */
  void take(PlanStep step, int number) {
    taken.add(step);
    if (step instanceof KernelStep.EnterUserNamespace enter) {
      ofUser = true;
      ranges = !enter.further().isEmpty();
    } else if (step instanceof KernelStep.EnterMountNamespace) {
      ofMounts = true;
    } else {
      return;
    }
    comments.add(number + ": " + StepDescription.of((KernelStep) step).text());
  }

  /** Returns whether there is a namespace to enter. */
  boolean any() {
    return ofUser || ofMounts;
  }

  /** Returns who can run the script. */
  String caller() {
    return ofUser ? "the user that runs it" : ROOT;
  }

  /** Returns what enters the namespaces with the rest of the script. */
  ShellText reexecute(ShellText inside) {
    ShellText text = new ShellText();
    String end = "END_OF_INSIDE";
    for (int i = 2; inside.contains(end); i++) {
      end = "END_OF_INSIDE_" + i;
    }
    text.line("inside() {").line("  cat <<'" + end + "'").append(inside).line(end).line("}");
    if (ofUser) {
      checkRoot(text);
    }
    comments.forEach(text::comment);
    String words =
        "unshare" + (ofUser ? " --user --map-root-user" : "") + (ranges ? " --map-auto" : "");
    if (ofUser) {
      text.comment("As root of the namespace, which is allowed to mount.");
      if (keepsIds()) {
        text.comment("The last command is the caller again.");
      }
      text.line(words + " true || fail 'cannot create a user namespace'");
    }
    if (ofMounts) {
      text.comment("Mounts of the host propagate into it, but not the other way.");
      text.line(words + " --mount true || fail 'cannot create a private mount namespace'");
      words += " --mount --propagation slave";
    }
    String handedOn = ofUser ? " \"$root\" \"$(id -u)\" \"$(id -g)\"" : "";
    return text.line("exec " + words + " -- sh -c \"$(inside)\" syschroot" + handedOn + " \"$@\"");
  }

  private void checkRoot(ShellText text) {
    for (PlanStep step : taken) {
      if (step instanceof KernelStep.OpenRoot openRoot) {
        text.comment("Before the user namespace is created: in it all other users look alike.");
        text.append(ShellSteps.openRoot(openRoot, "0 | \"$(id -u)\"", "root or you"));
      }
    }
  }

  private boolean keepsIds() {
    return taken.contains(new KernelStep.EnterUserNamespace(UserIds.KEPT));
  }
}
