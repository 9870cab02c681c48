// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.Machine;
import org.syschroot.path.HostPath;
import org.syschroot.path.UntrustedException;
import org.syschroot.plan.SwitchPlan;

/**
 * Makes a program of the plan of one caller: the same file as a launcher, with a table for all of
 * its steps. It is to be called with the arguments and the environment of the command. Equal plans
 * give equal bytes.
 */
public final class SwitchCompiler {
  private static final int NO_NAMESPACE = -1;

  private SwitchCompiler() {}

  /** Returns the bytes of a program that writes messages to standard error. */
  public static byte[] compile(SwitchPlan plan, Kernel kernel, int effectiveUid, Machine machine)
      throws LauncherException, KernelException, UntrustedException {
    return compile(plan, kernel, effectiveUid, machine, Messages.STDERR, NO_NAMESPACE);
  }

  /**
   * Returns the bytes of the program.
   *
   * @param effectiveUid the user who is trusted besides root with the way to the image's root
   * @param reports the descriptor that messages are written to. One that is not standard error must
   *     not be among those that the command keeps; it gets a NUL behind the message of a failure
   * @param userNamespace the descriptor of the user namespace that is entered, or a negative number
   *     if the program makes it; closed when it has been entered
   * @throws LauncherException if a step is too large for a table
   * @throws UntrustedException if others could change the image's root
   * @throws KernelException if that cannot be opened
   */
  public static byte[] compile(
      SwitchPlan plan,
      Kernel kernel,
      int effectiveUid,
      Machine machine,
      int reports,
      int userNamespace)
      throws LauncherException, KernelException, UntrustedException {
    HostPath path = plan.image().root();
    int root = plan.image().trust(kernel, effectiveUid).open(path);
    try {
      return compile(plan, kernel.fstat(root), machine, reports, userNamespace);
    } finally {
      kernel.close(root);
    }
  }

  static byte[] compile(SwitchPlan plan, FileStatus root, Machine machine)
      throws LauncherException {
    return compile(plan, root, machine, Messages.STDERR, NO_NAMESPACE);
  }

  private static byte[] compile(
      SwitchPlan plan, FileStatus root, Machine machine, int reports, int userNamespace)
      throws LauncherException {
    byte[] none = new byte[0];
    return new ProgramFile(
            machine, BoundTable.of(plan, root, machine, reports, userNamespace), none)
        .bytes(Digest.OF_NOTHING);
  }
}
