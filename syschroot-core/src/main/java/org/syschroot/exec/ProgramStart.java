// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.exec;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep.Execute;
import org.syschroot.plan.KernelStep.Execute.Candidate;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchException.Kind;

/**
 * Tries the candidates of a command as execvp(3) does, and finds out why none of them ran: a
 * program that is not there (127) is something else than one that cannot be executed (126).
 */
final class ProgramStart {
  private static final OsString SHELL = OsString.of("/bin/sh");

  private final ImageName image;
  private final Kernel kernel;
  private final Execute step;
  private @Nullable KernelException denied;

  ProgramStart(ImageName image, Kernel kernel, Execute step) {
    this.image = image;
    this.kernel = kernel;
    this.step = step;
  }

  /** Returns, if at all, why no candidate could be executed. */
  SwitchException run() {
    KernelException last = null;
    for (Candidate candidate : step.candidates()) {
      KernelException failure = execute(candidate.program(), candidate.arguments());
      last = failure;
      if (failure.is(Errno.ENOENT)) {
        ProgramFormat format = ProgramFormat.read(kernel, candidate.program());
        if (format != ProgramFormat.MISSING) {
          return notExecutable(candidate, failure, format.missingInterpreter());
        }
      } else if (failure.is(Errno.ENOEXEC)) {
        return executeByShell(candidate, failure);
      } else if (failure.is(Errno.EACCES)) {
        denied = denied == null ? failure : denied;
      } else if (!failure.is(Errno.ENOTDIR)) {
        return notExecutable(candidate, failure, null);
      }
    }
    if (denied != null) {
      return new SwitchException(
          image,
          Kind.NOT_EXECUTABLE,
          step,
          "cannot execute the command: " + denied.getMessage(),
          denied);
    }
    return notFound(last);
  }

  private KernelException execute(OsString program, List<OsString> arguments) {
    try {
      kernel.execve(program, arguments, step.environment());
      throw new IllegalStateException("execve returned without an error");
    } catch (KernelException e) {
      return e;
    }
  }

  /** A text without {@code #!} is run by the shell, as execvp(3) and every shell do. */
  private SwitchException executeByShell(Candidate candidate, KernelException failure) {
    ProgramFormat format = ProgramFormat.read(kernel, candidate.program());
    if (format.isText()) {
      List<OsString> arguments = new ArrayList<>();
      arguments.add(SHELL);
      arguments.add(candidate.program());
      arguments.addAll(candidate.arguments().subList(1, candidate.arguments().size()));
      KernelException shellFailure = execute(SHELL, arguments);
      return notExecutable(candidate, shellFailure, "it has no #! line, and /bin/sh did not start");
    }
    return notExecutable(candidate, failure, format.notForThisKernel());
  }

  private SwitchException notExecutable(
      Candidate candidate, KernelException failure, @Nullable String reason) {
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
    String message =
        step.candidates().size() == 1
            ? "cannot find the command: " + last.getMessage()
            : "cannot find the command "
                + first.program().baseName()
                + " in the image along PATH: "
                + last.reason();
    return new SwitchException(image, Kind.NOT_FOUND, step, message, last);
  }
}
