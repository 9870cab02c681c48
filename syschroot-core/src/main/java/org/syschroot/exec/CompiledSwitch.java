// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.exec;

import java.util.List;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.ProgramMemory;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchException.Kind;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;

/**
 * Carries out a plan that only a process of one thread can carry out: this process becomes a
 * program in memory that takes all steps, and that becomes the command. Same pid, parent, process
 * group, session and terminal.
 *
 * <p>What fails in the program it reports itself, in one line on standard error, and ends with 125,
 * 126 or 127. Not thread-safe; for one plan.
 */
public final class CompiledSwitch {
  private static final OsString NAME = OsString.of("syschroot");

  private final SwitchPlan plan;
  private final byte[] program;
  private final ProgramMemory memory;
  private final SwitchListener listener;

  /**
   * Creates the switch of a plan.
   *
   * @param program what the plan was compiled to
   */
  public CompiledSwitch(
      SwitchPlan plan, byte[] program, ProgramMemory memory, SwitchListener listener) {
    this.plan = plan;
    this.program = program.clone();
    this.memory = memory;
    this.listener = listener;
  }

  /**
   * Becomes the program. Returns only by an exception; all steps are told to the listener before.
   *
   * @throws SwitchException if the program cannot be started
   */
  public void run() throws SwitchException {
    for (KernelStep step : plan.steps()) {
      listener.beforeStep(step);
    }
    List<KernelStep> steps = plan.steps();
    KernelStep.Execute last = (KernelStep.Execute) steps.get(steps.size() - 1);
    try {
      int fd = memory.keep(NAME, program);
      memory.execute(fd, last.candidates().get(0).arguments(), last.environment());
      throw new IllegalStateException("execveat returned without an error");
    } catch (KernelException e) {
      throw new SwitchException(
          plan.image().name(),
          Kind.FAILED,
          last,
          "cannot start the program that takes the steps: " + e.getMessage(),
          e);
    }
  }
}
