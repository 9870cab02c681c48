// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import java.util.List;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.OsString;

/** The system call that starts a program. */
@FunctionalInterface
public interface ProgramCall {
  /**
   * Starts a program; returns, if at all, when it runs.
   *
   * @param program its path in the root directory of the calling thread
   * @throws KernelException with the errno of execve(2) if it does not start
   */
  void call(OsString program, List<OsString> arguments, List<OsString> environment)
      throws KernelException;
}
