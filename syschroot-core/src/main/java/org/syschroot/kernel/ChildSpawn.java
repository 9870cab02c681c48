// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.syschroot.path.OsString;

/**
 * Makes children by {@link ChildCode}, with a table of descriptors as small as it can be; by
 * posix_spawn(3), which copies all descriptors, on kernels without close_range(2) (before Linux
 * 5.9) and where memory may not become executable. Thread-safe.
 */
final class ChildSpawn {
  private static final int BEYOND_ALL = -1 >>> 1;

  private final RawCalls raw = RawCalls.running();
  private final LowDescriptors low = new LowDescriptors(raw);
  private final ProgramSpawn posix = new ProgramSpawn(raw);
  private final @Nullable ChildCode code;
  private final @Nullable KernelException reason;
  private final boolean closesRanges;

  private ChildSpawn() {
    ChildCode loaded = null;
    KernelException refused = null;
    try {
      loaded = new ChildCode(raw);
    } catch (KernelException e) {
      refused = e;
    }
    code = loaded;
    reason = refused;
    closesRanges = raw.call(SystemCall.CLOSE_RANGE.number(), BEYOND_ALL, BEYOND_ALL, 0, 0, 0) == 0;
  }

  private static final class Holder {
    static final ChildSpawn SPAWN = new ChildSpawn();
  }

  /** Returns that of this JVM, which has reserved descriptors from then on. */
  static ChildSpawn running() {
    return Holder.SPAWN;
  }

  /**
   * Starts a program with the root, directory, namespaces and credentials of the calling thread.
   *
   * @return the process id
   * @throws KernelException with {@code execve} or {@code posix_spawn} as its call if the program
   *     cannot be executed
   */
  int run(
      OsString path, List<OsString> arguments, List<OsString> environment, ChildSettings settings)
      throws KernelException {
    ChildCode own = code;
    if (settings.isPlain() && (own == null || !closesRanges)) {
      return byPosix(path, arguments, environment, settings);
    }
    if (own == null) {
      throw reason == null ? new KernelException("mmap", "", Errno.EPERM.number()) : reason;
    }
    try (LowDescriptors.Lease lease = low.lease(settings.descriptors())) {
      return own.run(
          ThreadScratch.get(), path, arguments, environment, settings.with(lease.descriptors()));
    }
  }

  /** Starts a program by posix_spawn(3). */
  int byPosix(
      OsString path, List<OsString> arguments, List<OsString> environment, ChildSettings settings)
      throws KernelException {
    int pid =
        posix.run(
            ThreadScratch.get(),
            path,
            arguments,
            environment,
            settings.descriptors(),
            settings.blocked(),
            ~settings.ignored());
    if (pid < 0) {
      throw LinuxCalls.failed("posix_spawn", "path=" + path, pid);
    }
    return pid;
  }
}
