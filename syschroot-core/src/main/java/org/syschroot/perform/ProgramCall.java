// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import java.util.List;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.OsString;
import org.syschroot.plan.SwitchException;

/** The system call that starts a program. */
@FunctionalInterface
public interface ProgramCall {
  /**
   * Starts a program; returns, if at all, when it runs.
   *
   * @param program its path in the root directory of the calling thread
   * @throws KernelException with the errno of execve(2) if it does not start
   * @throws SwitchException if what comes directly before it fails
   */
  void call(OsString program, List<OsString> arguments, List<OsString> environment)
      throws KernelException, SwitchException;
}
