// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.Machine;
import org.syschroot.path.HostPath;
import org.syschroot.path.UntrustedException;
import org.syschroot.plan.ImagePlan;
import org.syschroot.trust.TrustedPath;

/**
 * Makes a program of a plan without a caller, for further calls of the same user: working
 * directory, environment and command are those of each call. It is the same file as a launcher, but
 * is called with {@link StartVectors} and proves less, since who starts it has compared what the
 * plan was made of. Equal plans give equal bytes.
 */
public final class StartCompiler {
  private StartCompiler() {}

  /**
   * Returns the bytes of the program.
   *
   * @param effectiveUid the user who is trusted besides root with the way to the image's root
   * @param returns whether another program takes over where anything is to be told, which root
   *     alone can have; else the program writes messages itself
   * @throws LauncherException if a step depends on one call; the message names it
   * @throws UntrustedException if others could change the image's root
   * @throws KernelException if that cannot be opened
   */
  public static byte[] compile(
      ImagePlan plan, Kernel kernel, int effectiveUid, Machine machine, boolean returns)
      throws LauncherException, KernelException, UntrustedException {
    HostPath path = plan.image().root();
    int root = TrustedPath.forUser(kernel, effectiveUid).open(path);
    try {
      return compile(plan, kernel.fstat(root), machine, returns);
    } finally {
      kernel.close(root);
    }
  }

  static byte[] compile(ImagePlan plan, FileStatus root, Machine machine, boolean returns)
      throws LauncherException {
    byte[] none = new byte[0];
    return new ProgramFile(machine, StartTable.of(plan, root, machine, returns), none)
        .bytes(Digest.OF_NOTHING);
  }
}
