// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.syschroot.caller.Signals;
import org.syschroot.kernel.ChildSettings;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.ProcessCalls;
import org.syschroot.kernel.ResourceLimit;
import org.syschroot.mounting.Mounter;
import org.syschroot.path.OsString;
import org.syschroot.perform.ProgramCall;
import org.syschroot.perform.ProgramStart;
import org.syschroot.perform.StepPerformer;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;

/** Takes the steps of a plan on a {@link SwitchThread}, and makes a child. For one plan. */
@SuppressWarnings("NullAway") // a Void is null
final class SpawnPerformer extends StepPerformer implements ProgramCall {
  private static final Set<String> EXECUTING = Set.of("execve", "posix_spawn");
  private static final OsString PROC = OsString.of("/proc");

  private final ProcessCalls calls;
  private final ChildWishes wishes;
  private final List<Integer> controlGroups;
  private final Map<Integer, Integer> descriptors;
  private final Map<Integer, ResourceLimit> limits = new TreeMap<>();
  private Signals signals = Signals.NONE;
  private OptionalInt uid = OptionalInt.empty();
  private @Nullable ChildSettings settings;
  private boolean manyCandidates;
  private int pid;

  SpawnPerformer(
      SwitchPlan plan,
      Kernel kernel,
      ProcessCalls calls,
      Mounter mounter,
      SwitchListener listener,
      ChildWishes wishes,
      Map<Integer, Integer> descriptors,
      List<Integer> controlGroups) {
    super(plan, kernel, mounter, listener, calls.effectiveUid());
    this.calls = calls;
    this.wishes = wishes;
    this.descriptors = new TreeMap<>(descriptors);
    this.controlGroups = controlGroups;
  }

  List<KernelStep> steps() {
    return plan().steps();
  }

  ChildWishes wishes() {
    return wishes;
  }

  /** Returns the failure of what comes before the first step. */
  SwitchException cannotBegin(KernelException cause) {
    return failed(steps().get(0), "cannot prepare the thread that switches", cause);
  }

  /** Returns the process id of the child, or 0 if there is none. */
  int pid() {
    return pid;
  }

  /** Leaves the limit to the child: this JVM has the same. */
  @Override
  public @Nullable Void setLimit(KernelStep.SetLimit step) throws SwitchException {
    int resource = step.limit().resource();
    try {
      limits.put(resource, step.from(kernel().getrlimit(resource)));
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot limit " + step.limit().what() + " to " + step.value(), e);
    }
  }

  /**
   * Leaves the change of user to a child that has to mount. Until then this thread has the groups
   * of the user, and the permissions as to files.
   */
  @Override
  public @Nullable Void setIdentity(KernelStep.SetIdentity step) throws SwitchException {
    if (!wishes.ownPidNamespace()) {
      return super.setIdentity(step);
    }
    try {
      kernel().setgroups(step.identity().groups());
      kernel().setresgid(step.identity().gid());
      calls.setfsuid(step.identity().uid());
      uid = OptionalInt.of(step.identity().uid());
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot become " + step.identity(), e);
    }
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
    try {
      settings =
          new ChildSettings(
              descriptors,
              signals.blocked(),
              signals.ignored(),
              limits,
              controlGroups,
              uid,
              wishes.ownPidNamespace() && hasProc());
      new ProgramStart(image(), kernel(), step, this).run();
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot prepare the command", e);
    }
  }

  private boolean hasProc() throws KernelException {
    try {
      kernel().close(kernel().openat(Kernel.AT_FDCWD, PROC, OpenFlags.O_PATH, 0));
      return true;
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void call(OsString program, List<OsString> arguments, List<OsString> environment)
      throws KernelException, SwitchException {
    if (manyCandidates) {
      // To look costs a hundredth of a child that does not find its program.
      kernel().close(kernel().openat(Kernel.AT_FDCWD, program, OpenFlags.O_PATH, 0));
    }
    ChildSettings child = Objects.requireNonNull(settings, "a step before makes them");
    try {
      pid =
          child.isPlain()
              ? kernel()
                  .spawn(
                      program,
                      arguments,
                      environment,
                      descriptors,
                      signals.blocked(),
                      signals.ignored())
              : calls.spawn(program, arguments, environment, child);
    } catch (KernelException e) {
      if (EXECUTING.contains(e.call())) {
        throw e;
      }
      throw failed(steps().get(steps().size() - 1), "cannot prepare the command", e);
    }
  }
}
