// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mount.Mounter;
import org.syschroot.path.OsString;
import org.syschroot.perform.ProgramCall;
import org.syschroot.perform.ProgramStart;
import org.syschroot.perform.StepPerformer;
import org.syschroot.perform.SwitchListener;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.Signals;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchPlan;

/** Takes the steps of a plan on a {@link SwitchThread}, and makes a child. For one plan. */
final class SpawnPerformer extends StepPerformer implements ProgramCall {
  private final Map<Integer, Integer> descriptors;
  private final ChildLimits limits;
  private Signals signals = Signals.NONE;
  private boolean manyCandidates;
  private int pid;

  SpawnPerformer(
      SwitchPlan plan,
      Kernel kernel,
      Mounter mounter,
      SwitchListener listener,
      int effectiveUid,
      Map<Integer, Integer> descriptors,
      ChildLimits limits) {
    super(plan, kernel, mounter, listener, effectiveUid);
    this.descriptors = new TreeMap<>(descriptors);
    this.limits = limits;
  }

  List<KernelStep> steps() {
    return plan().steps();
  }

  /** Returns the failure of what comes before the first step. */
  SwitchException cannotBegin(KernelException cause) {
    return failed(steps().get(0), "cannot prepare the thread that switches", cause);
  }

  /** Returns the process id of the child. */
  int pid() {
    return pid;
  }

  /** Does nothing yet, see {@link ChildLimits}. */
  @Override
  public @Nullable Void limitOpenFiles(KernelStep.LimitOpenFiles step) {
    return null;
  }

  @Override
  public @Nullable Void keepDescriptors(KernelStep.KeepDescriptors step) {
    descriptors.keySet().retainAll(step.descriptors());
    return null;
  }

  @Override
  public @Nullable Void restoreSignals(KernelStep.RestoreSignals step) {
    signals = step.signals();
    return null;
  }

  @Override
  public @Nullable Void execute(KernelStep.Execute step) throws SwitchException {
    manyCandidates = step.candidates().size() > 1;
    new ProgramStart(image(), kernel(), step, this).run();
    limits.tryOn(pid);
    return null;
  }

  @Override
  public void call(OsString program, List<OsString> arguments, List<OsString> environment)
      throws KernelException {
    if (manyCandidates) {
      // To look costs a hundredth of a child that does not find its program.
      kernel().close(kernel().openat(Kernel.AT_FDCWD, program, OpenFlags.O_PATH, 0));
    }
    pid =
        kernel()
            .spawn(
                program, arguments, environment, descriptors, signals.blocked(), signals.ignored());
  }
}
