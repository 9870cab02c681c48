// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.OsString;

/**
 * Fails as execve(2) would, but without trying it: for a process that could not even report the
 * failure after what comes before. What is looked at may change before the program is executed, so
 * that a program that passes can still fail. Immutable.
 */
public final class ProgramCheck {
  private final Kernel kernel;

  /** Creates the check. */
  public ProgramCheck(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Requires that a program can be executed.
   *
   * @throws KernelException that of execve(2), if it is missing, may not be executed, is a text
   *     without {@code #!} or one whose interpreter is missing
   */
  public void require(OsString program) throws KernelException {
    requireFile(program);
    ProgramFormat format = ProgramFormat.read(kernel, program);
    if (format.isUnmarkedText()) {
      throw failed(program, Errno.ENOEXEC.number());
    }
    Optional<String> interpreter = format.interpreter();
    if (interpreter.isPresent()) {
      try {
        requireFile(OsString.ofBytes(interpreter.get().getBytes(StandardCharsets.ISO_8859_1)));
      } catch (KernelException e) {
        throw failed(program, e.number());
      }
    }
  }

  private void requireFile(OsString program) throws KernelException {
    int file;
    try {
      file = kernel.openat(Kernel.AT_FDCWD, program, OpenFlags.O_PATH, 0);
    } catch (KernelException e) {
      throw failed(program, e.number());
    }
    try {
      kernel.access(file, OpenFlags.X_OK);
      if (kernel.fstat(file).isDirectory()) {
        throw failed(program, Errno.EACCES.number());
      }
    } catch (KernelException e) {
      if (e.is(Errno.EACCES)) {
        throw failed(program, e.number());
      }
      // Otherwise not known: before Linux 5.8 nobody can ask.
    } finally {
      kernel.close(file);
    }
  }

  private static KernelException failed(OsString program, int errno) {
    return new KernelException("execve", "path=" + program, errno);
  }
}
