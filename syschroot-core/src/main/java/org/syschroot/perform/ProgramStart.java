// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.syschroot.caller.ShellChoice;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep.Execute;
import org.syschroot.plan.KernelStep.Execute.Candidate;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchException.Kind;
import org.syschroot.trust.ImageRemedies;

/**
 * Tries the candidates of a command as execvp(3) does, and finds out why none of them ran: a
 * program that is not there (127) is something else than one that cannot be executed (126).
 */
public final class ProgramStart {
  private static final OsString ROOT = OsString.of("/");
  private static final long ST_NOEXEC = 8;
  private static final OsString SHELL = ShellChoice.LAST.value();

  private final ImageName image;
  private final Kernel kernel;
  private final Execute step;
  private final ProgramCall call;
  private @Nullable KernelException denied;

  /** Creates the start of the program of a step. */
  public ProgramStart(ImageName image, Kernel kernel, Execute step, ProgramCall call) {
    this.image = image;
    this.kernel = kernel;
    this.step = step;
    this.call = call;
  }

  /**
   * Starts the first candidate that can be started.
   *
   * @throws SwitchException if none can; it says why
   */
  public void run() throws SwitchException {
    KernelException last = null;
    for (Candidate candidate : step.candidates()) {
      KernelException failure = execute(candidate.program(), candidate.arguments());
      if (failure == null) {
        return;
      }
      last = failure;
      if (failure.is(Errno.ENOENT)) {
        ProgramFormat format = ProgramFormat.read(kernel, candidate.program());
        if (format != ProgramFormat.MISSING) {
          throw notExecutable(failure, format.missingInterpreter());
        }
      } else if (failure.is(Errno.ENOEXEC)) {
        executeByShell(candidate, failure);
        return;
      } else if (failure.is(Errno.EACCES)) {
        denied = denied == null ? failure : denied;
      } else if (!failure.is(Errno.ENOTDIR)) {
        throw notExecutable(failure, null);
      }
    }
    if (denied != null) {
      denied = isOnNoexec() ? denied.withHint(ImageRemedies.NOEXEC) : denied;
      throw new SwitchException(
          image,
          Kind.NOT_EXECUTABLE,
          step,
          "cannot execute the command: " + denied.getMessage(),
          denied);
    }
    throw notFound(Objects.requireNonNull(last, "a command has candidates"));
  }

  /** Returns whether the image's root directory is where no program can be executed, statfs(2). */
  private boolean isOnNoexec() {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    try {
      int root = kernel.openat(Kernel.AT_FDCWD, ROOT, flags, 0);
      try {
        return (kernel.fstatfs(root).flags() & ST_NOEXEC) != 0;
      } finally {
        kernel.close(root);
      }
    } catch (KernelException unknown) {
      return false;
    }
  }

  private @Nullable KernelException execute(OsString program, List<OsString> arguments)
      throws SwitchException {
    try {
      call.call(program, arguments, step.environment());
      return null;
    } catch (KernelException e) {
      return e;
    }
  }

  /** A text without {@code #!} is run by the shell, as execvp(3) and every shell do. */
  private void executeByShell(Candidate candidate, KernelException failure) throws SwitchException {
    ProgramFormat format = ProgramFormat.read(kernel, candidate.program());
    if (!format.isText()) {
      throw notExecutable(failure, format.notForThisKernel());
    }
    List<OsString> arguments = new ArrayList<>();
    arguments.add(SHELL);
    arguments.add(candidate.program());
    arguments.addAll(candidate.arguments().subList(1, candidate.arguments().size()));
    KernelException shellFailure = execute(SHELL, arguments);
    if (shellFailure != null) {
      throw notExecutable(shellFailure, "it has no #! line, and /bin/sh cannot be executed");
    }
  }

  private SwitchException notExecutable(KernelException failure, @Nullable String reason) {
    KernelException shown = reason == null ? failure : failure.withHint(reason);
    return new SwitchException(
        image,
        Kind.NOT_EXECUTABLE,
        step,
        "cannot execute the command: " + shown.getMessage(),
        shown);
  }

  private SwitchException notFound(KernelException last) {
    Candidate first = step.candidates().get(0);
    String name = first.program().baseName().toString();
    if (step.candidates().size() == 1) {
      return SwitchException.notFound(
          image,
          step,
          "cannot find the command: " + last.getMessage(),
          Hints.NOT_AT_ITS_PATH,
          last);
    }
    return SwitchException.notFound(
        image,
        step,
        "cannot find the command " + name + " in the image along PATH: " + last.reason(),
        Hints.SHELL_BUILTINS.contains(name)
            ? Hints.forBuiltin(name, first.arguments())
            : Hints.NOT_ALONG_PATH,
        last);
  }
}
