// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.exec;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.mounting.Mounter;
import org.syschroot.path.OsString;
import org.syschroot.perform.ProgramCall;
import org.syschroot.perform.ProgramCheck;
import org.syschroot.perform.ProgramStart;
import org.syschroot.perform.StepPerformer;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;

/**
 * Carries out a plan on this very process: same pid, parent, process group, session and terminal.
 *
 * <p><b>Hazard.</b> The steps act on the calling thread, and until execve(2) the rest of the JVM
 * does not follow: shutdown hooks do not run, buffers are not flushed. After a failure past the
 * change of root the thread is in the image for good, so a caller can only report and exit. Not
 * thread-safe; for one plan.
 */
@SuppressWarnings("NullAway") // a Void is null
public final class InPlaceSwitch extends StepPerformer implements ProgramCall {
  // The JVM opens a few dozen files, each with the lowest free number.
  private static final int HIGHEST_OF_OURS = 65_535;

  private final List<KernelStep.SetLimit> limits = new ArrayList<>();

  /**
   * Creates the switch of a plan.
   *
   * @param effectiveUid the effective user of this process, besides root the one whose files are
   *     trusted
   */
  public InPlaceSwitch(
      SwitchPlan plan, Kernel kernel, Mounter mounter, SwitchListener listener, int effectiveUid) {
    super(plan, kernel, mounter, listener, effectiveUid);
  }

  /**
   * Takes all steps. Returns only by an exception.
   *
   * @throws SwitchException if a step fails
   */
  public void run() throws SwitchException {
    prepare();
    perform();
  }

  /**
   * Makes the class loader open our jar while its path still leads to it: with a class-data archive
   * no jar has been opened by then, and a class that the archive lacks would be looked for in the
   * image. {@link #run} does it too; who has a thread to spare can do it earlier.
   */
  public static void prepare() {
    var unused = InPlaceSwitch.class.getResource(InPlaceSwitch.class.getSimpleName() + ".class");
  }

  /** Leaves the limit to the last moment: this JVM could need what it forbids. */
  @Override
  public @Nullable Void setLimit(KernelStep.SetLimit step) {
    limits.add(step);
    return null;
  }

  @Override
  public @Nullable Void keepDescriptors(KernelStep.KeepDescriptors step) throws SwitchException {
    try {
      int next = 0;
      for (int kept : step.descriptors()) {
        if (kept > next) {
          closeOnExec(next, kept - 1);
        }
        next = kept + 1;
      }
      closeOnExec(next, Integer.MAX_VALUE);
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot close file descriptors for the command", e);
    }
  }

  private void closeOnExec(int first, int last) throws KernelException {
    try {
      kernel().closeRangeOnExec(first, last);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOSYS) && !e.is(Errno.EINVAL)) {
        throw e;
      }
      closeOnExecOneByOne(first, Math.min(last, HIGHEST_OF_OURS)); // before Linux 5.11
    }
  }

  private void closeOnExecOneByOne(int first, int last) throws KernelException {
    for (int descriptor = first; descriptor <= last; descriptor++) {
      try {
        kernel().setCloseOnExec(descriptor, true);
      } catch (KernelException e) {
        if (!e.is(Errno.EBADF)) {
          throw e;
        }
      }
    }
  }

  @Override
  public @Nullable Void restoreSignals(KernelStep.RestoreSignals step) throws SwitchException {
    try {
      for (int signal : step.signals().ignoredNumbers()) {
        kernel().ignoreSignal(signal);
      }
      kernel().setSignalMask(step.signals().blocked());
      return null;
    } catch (KernelException e) {
      throw failed(step, "cannot restore the signals", e);
    }
  }

  @Override
  public @Nullable Void execute(KernelStep.Execute step) throws SwitchException {
    new ProgramStart(image(), kernel(), step, this).run();
    throw new IllegalStateException("execve returned without an error");
  }

  @Override
  public void call(OsString program, List<OsString> arguments, List<OsString> environment)
      throws KernelException, SwitchException {
    if (!limits.isEmpty()) {
      // To report a failure takes memory and files, and a hard limit is not taken back.
      new ProgramCheck(kernel()).require(program);
      setLimits();
    }
    kernel().execve(program, arguments, environment);
  }

  private void setLimits() throws SwitchException {
    for (KernelStep.SetLimit step : limits) {
      int resource = step.limit().resource();
      try {
        kernel().setrlimit(resource, step.from(kernel().getrlimit(resource)));
      } catch (KernelException e) {
        throw failed(step, "cannot limit " + step.limit().what() + " to " + step.value(), e);
      }
    }
    limits.clear();
  }
}
