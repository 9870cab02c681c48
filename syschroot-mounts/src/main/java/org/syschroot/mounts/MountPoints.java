// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.Set;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxPollCalls;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.PollCalls;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * Where something is mounted in this process's mount namespace, read again only when the kernel
 * says that it has changed: whoever starts many commands would otherwise spend much of the time on
 * a long table. Keeps a descriptor for good. Thread-safe.
 */
final class MountPoints {
  private static final OsString TABLE = OsString.of("/proc/self/mountinfo");
  private static final OsString NAMESPACE = OsString.of("/proc/self/ns/mnt");
  private static final OsString NAMESPACE_OF_THREAD = OsString.of("/proc/thread-self/ns/mnt");
  private static final int NONE = -1;

  private final Kernel kernel;
  private final PollCalls poll;
  private OsString namespace = OsString.of("");
  private int table = NONE;
  private Set<HostPath> points = Set.of();

  MountPoints(Kernel kernel, PollCalls poll) {
    this.kernel = kernel;
    this.poll = poll;
  }

  /** Returns those of this process: one descriptor is enough. */
  static MountPoints ofThisProcess() {
    return Holder.POINTS;
  }

  private static final class Holder {
    static final MountPoints POINTS =
        new MountPoints(LinuxKernel.running(), LinuxPollCalls.running());
  }

  /**
   * Returns where something is mounted now, in the mount namespace of the calling thread.
   *
   * @throws IOException if the mount table cannot be read
   */
  Set<HostPath> now() throws IOException {
    OsString here = kernel.readlinkat(Kernel.AT_FDCWD, NAMESPACE_OF_THREAD);
    synchronized (this) {
      if (table == NONE || poll.isExceptional(table)) {
        readAgain();
      }
      if (here.equals(namespace)) {
        return points;
      }
    }
    // The thread has a namespace of its own, which the process's table says nothing about.
    return MountTable.read(kernel).targets();
  }

  private void readAgain() throws IOException {
    // Opened before it is read, so that a change meanwhile is told by the next poll.
    int opened = kernel.openat(Kernel.AT_FDCWD, TABLE, OpenFlags.O_RDONLY, 0);
    int former = table;
    try {
      namespace = kernel.readlinkat(Kernel.AT_FDCWD, NAMESPACE);
      points = Set.copyOf(MountTable.readFrom(kernel, opened).targets());
      table = opened;
    } finally {
      int useless = table == opened ? former : opened;
      if (useless != NONE) {
        kernel.close(useless);
      }
    }
  }
}
