// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Machine;
import org.syschroot.plan.ImagePlan;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.PlanStep;
import org.syschroot.plan.SymbolicStep;

/**
 * Writes the table of a plan for any call of one user. What is the same for every call is written
 * as for one caller; descriptors and signals are the caller's, since who starts it opens and
 * changes none.
 */
@SuppressWarnings("NullAway") // a Void is null
final class StartTable extends BoundTable implements PlanStep.Translator<Void, LauncherException> {
  private final StartVectors vectors;
  private final CallersDirectoryEntries callersDirectory;

  private StartTable(
      FileStatus root,
      Machine machine,
      TableBuilder table,
      Constants constants,
      Messages messages,
      StartVectors vectors) {
    super(root, machine, table, constants, messages);
    this.vectors = vectors;
    this.callersDirectory = new CallersDirectoryEntries(table, constants, messages);
  }

  /**
   * Returns the table.
   *
   * @param root what the image's root directory must be when the program runs
   * @param returns whether another program takes over where anything is to be told
   */
  static Table of(ImagePlan plan, FileStatus root, Machine machine, boolean returns)
      throws LauncherException {
    TableBuilder table = new TableBuilder(machine);
    Constants constants = new Constants();
    StartVectors vectors = new StartVectors(table, constants);
    vectors.cut(returns);
    Messages messages;
    if (returns) {
      boolean ownNamespace =
          plan.steps().stream().anyMatch(KernelStep.EnterMountNamespace.class::isInstance);
      ReturnEntries back =
          new ReturnEntries(table, constants, plan.image().name(), vectors, ownNamespace);
      back.remember();
      messages = back;
    } else {
      messages = new Messages(table, constants, plan.image().name());
      messages.tellOfMounts();
      messages.begin();
    }
    StartTable start = new StartTable(root, machine, table, constants, messages, vectors);
    for (PlanStep step : plan.steps()) {
      step.translate(start);
    }
    messages.writeFailures();
    return start.finished();
  }

  @Override
  public @Nullable Void openWorkingDirectory(KernelStep.OpenWorkingDirectory step) {
    callersDirectory.remember();
    return null;
  }

  @Override
  public @Nullable Void enterWorkingDirectory(SymbolicStep.EnterWorkingDirectory step)
      throws LauncherException {
    if (step.whenDenied() != KernelStep.ChangeDirectory.WhenDenied.MISSING) {
      throw refused(step);
    }
    callersDirectory.change(step);
    return null;
  }

  @Override
  public @Nullable Void compareWorkingDirectory(KernelStep.CompareWorkingDirectory step) {
    callersDirectory.compare(step.mustBeSame());
    return null;
  }

  @Override
  public @Nullable Void setIdentity(KernelStep.SetIdentity step) throws LauncherException {
    throw refused(step);
  }

  @Override
  public @Nullable Void restoreOpenFiles(SymbolicStep.RestoreOpenFiles step) {
    return null; // nobody raises the limit
  }

  @Override
  public @Nullable Void keepCallersDescriptors(SymbolicStep.KeepCallersDescriptors step) {
    return null; // what is opened on the way is close-on-exec
  }

  @Override
  public @Nullable Void restoreCallersSignals(SymbolicStep.RestoreCallersSignals step) {
    return null; // nobody changes them
  }

  @Override
  public @Nullable Void runProgram(SymbolicStep.RunProgram step) {
    giveUpCapabilities();
    vectors.takeList(new Operand(Base.FRAME, Base.KEPT.inFrame()));
    new CandidateEntries(table, constants, messages).executeListed(new Operand(Base.KEPT, 0));
    return null;
  }

  private static LauncherException refused(PlanStep step) {
    return new LauncherException("only a JVM takes the step " + step.getClass().getSimpleName());
  }
}
