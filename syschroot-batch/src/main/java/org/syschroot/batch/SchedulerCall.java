// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.syschroot.caller.Caller;
import org.syschroot.exec.FirstThread;
import org.syschroot.exec.InPlaceSwitch;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounts.LinuxMountSupport;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.quote.ShellQuote;

/**
 * Becomes a scheduler's command on the native system, with all that the caller had: schedulers hand
 * on the environment, the limits and the umask of whoever submits. It is the end of a switch,
 * without a change of root. For one thread.
 */
public final class SchedulerCall {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  private final Kernel kernel;
  private final int effectiveUid;
  private final Image image;
  private final Submission submission;
  private final Caller caller;

  public SchedulerCall(
      Kernel kernel, int effectiveUid, Image image, Submission submission, Caller caller) {
    this.kernel = kernel;
    this.effectiveUid = effectiveUid;
    this.image = image;
    this.submission = submission;
    this.caller = caller;
  }

  /** Returns the command for a shell that does the same. */
  public OsString text() {
    OsString text = OsString.of("");
    if (submission.script().isPresent()) {
      EditedScript script = submission.script().get();
      text =
          OsString.of("{ echo ")
              .plus(ShellQuote.of(script.firstLine()))
              .plus(OsString.of("; tail -n +2"));
      if (script.path().isPresent()) {
        text = text.plus(OsString.of(" ")).plus(ShellQuote.of(script.path().get()));
      }
      text = text.plus(OsString.of("; } | "));
    }
    text = text.plus(OsString.of("env -u SYSCHROOT_IMAGE"));
    for (OsString word : submission.command()) {
      text = text.plus(OsString.of(" ")).plus(ShellQuote.of(word));
    }
    return text.plus(OsString.of("\n"));
  }

  /**
   * Replaces this process. Returns only by an exception.
   *
   * @param thread what the caller's thread had, for the command's
   * @throws IOException if the command cannot be started
   */
  public void execute(FirstThread thread) throws IOException {
    InPlaceSwitch.prepare();
    if (submission.script().isPresent()) {
      if (!caller.descriptors().contains(0)) {
        throw new IOException(
            "standard input is closed, but the job script is passed by it: open it, for example"
                + " with \"< /dev/null\"");
      }
      becomeStandardInput(submission.script().get());
    }
    SwitchPlan plan =
        SwitchRequest.in(image).command(submission.command()).planOutside().bind(caller);
    thread.restore();
    try {
      new InPlaceSwitch(
              plan,
              kernel,
              new LinuxMountSupport().mounter(kernel),
              SwitchListener.SILENT,
              effectiveUid)
          .run();
    } catch (SwitchException e) {
      if (e.kind() == SwitchException.Kind.NOT_FOUND) {
        throw new IOException(
            submission.command().get(0)
                + ": command not found: install the commands of the scheduler on this host, or"
                + " correct PATH",
            e);
      }
      throw e;
    }
  }

  private int open(Path file) throws KernelException {
    return kernel.openat(Kernel.AT_FDCWD, HostPath.of(file).value(), OpenFlags.O_RDONLY, 0);
  }

  /** The script takes the place of our standard input, in a file that has no name any more. */
  private void becomeStandardInput(EditedScript script) throws IOException {
    Path file = Files.createTempFile("syschroot-job", null);
    try {
      Files.write(file, script.content());
      kernel.close(0);
      long end = System.nanoTime() + LONGEST_WAIT.toNanos();
      int descriptor = open(file);
      // Another thread of the JVM may have opened something meanwhile, which it closes again.
      while (descriptor != 0 && System.nanoTime() - end < 0) {
        kernel.close(descriptor);
        Thread.onSpinWait();
        descriptor = open(file);
      }
      if (descriptor != 0) {
        throw new IOException("cannot replace standard input: try again");
      }
    } finally {
      Files.delete(file);
    }
    kernel.setCloseOnExec(0, false);
  }
}
