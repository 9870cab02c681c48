// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import java.io.IOException;
import java.nio.file.Path;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.path.HostPath;
import org.syschroot.path.UntrustedException;
import org.syschroot.trust.TrustedPath;

/**
 * Policy that accepts or refuses configuration files by their owner and permissions.
 *
 * <p>For programs that read files of their own which decide what root runs: a queue, a list of
 * jobs.
 *
 * <pre>{@code
 * FileTrust.ofThisProcess().check(job); // or an exception that says who could have changed it
 * }</pre>
 */
@FunctionalInterface
public interface FileTrust {
  /** Trusts every file. For files whose origin does not matter, as in tests. */
  FileTrust ANY = file -> {};

  /**
   * Returns the trust of a process of an effective user: in what belongs to root or to that user,
   * on the whole way, and cannot be changed by others.
   */
  static FileTrust ofUser(Kernel kernel, int effectiveUid) {
    TrustedPath trust = TrustedPath.forUser(kernel, effectiveUid);
    return file -> {
      try {
        kernel.close(trust.open(HostPath.of(file.toString())));
      } catch (KernelException e) {
        // The way is walked step by step, and a step's own name says little.
        throw new KernelException(e.call(), "path=" + file, e.number());
      }
    };
  }

  /**
   * Returns the trust of this process, by its effective user.
   *
   * @throws IOException if this process cannot be looked at in {@code /proc}
   */
  static FileTrust ofThisProcess() throws IOException {
    return ofUser(LinuxKernel.running(), LinuxProcessCalls.running().effectiveUid());
  }

  /**
   * Checks a file and the directories on the way to it.
   *
   * @throws UntrustedException if somebody else could have changed it
   * @throws IOException if it cannot be looked at
   */
  void check(Path file) throws IOException;
}
