// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.io.IOException;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.ProcessCalls;
import org.syschroot.mounting.MountSupport;
import org.syschroot.testing.PlainRules;

/** Hosts without site code, with other system calls or threads than the running one's. */
final class SpawnHosts {
  private SpawnHosts() {}

  static SpawnContext of(Kernel kernel, ProcessCalls calls, MountSupport mounts)
      throws IOException {
    return of(kernel, calls, mounts, Thread::start);
  }

  static SpawnContext of(
      Kernel kernel, ProcessCalls calls, MountSupport mounts, SpawnContext.ThreadStart threads)
      throws IOException {
    PlainRules rules = new PlainRules(kernel, mounts);
    return SpawnContext.of(kernel, calls, mounts.mounter(kernel), rules, threads);
  }
}
