// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.table;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxPollCalls;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.PollCalls;
import org.syschroot.path.OsString;

/**
 * The mount table of this process's mount namespace, read again only when the kernel says that it
 * has changed: whoever starts many commands would otherwise spend much of the time on a long table.
 * Keeps a descriptor for good. Thread-safe.
 */
public final class CurrentTable {
  private static final OsString TABLE = OsString.of("/proc/self/mountinfo");
  private static final OsString NAMESPACE = OsString.of("/proc/self/ns/mnt");
  private static final OsString NAMESPACE_OF_THREAD = OsString.of("/proc/thread-self/ns/mnt");
  private static final int NONE = -1;

  private final Kernel kernel;
  private final PollCalls poll;
  private OsString namespace = OsString.of("");
  private int file = NONE;
  private @Nullable MountTable table;

  public CurrentTable(Kernel kernel, PollCalls poll) {
    this.kernel = kernel;
    this.poll = poll;
  }

  /** Returns those of this process: one descriptor is enough. */
  public static CurrentTable ofThisProcess() {
    return Holder.TABLE_OF_PROCESS;
  }

  private static final class Holder {
    static final CurrentTable TABLE_OF_PROCESS =
        new CurrentTable(LinuxKernel.running(), LinuxPollCalls.running());
  }

  /**
   * Returns what is mounted now, in the mount namespace of the calling thread.
   *
   * @throws IOException if the mount table cannot be read
   */
  public MountTable now() throws IOException {
    OsString here = kernel.readlinkat(Kernel.AT_FDCWD, NAMESPACE_OF_THREAD);
    synchronized (this) {
      MountTable known = table;
      if (known == null || poll.isExceptional(file)) {
        known = readAgain();
      }
      if (here.equals(namespace)) {
        return known;
      }
    }
    // The thread has a namespace of its own, which the process's table says nothing about.
    return MountTable.read(kernel);
  }

  private MountTable readAgain() throws IOException {
    // Opened before it is read, so that a change meanwhile is told by the next poll.
    int opened = kernel.openat(Kernel.AT_FDCWD, TABLE, OpenFlags.O_RDONLY, 0);
    int former = file;
    try {
      namespace = kernel.readlinkat(Kernel.AT_FDCWD, NAMESPACE);
      MountTable read = MountTable.readFrom(kernel, opened);
      table = read;
      file = opened;
      return read;
    } finally {
      int useless = file == opened ? former : opened;
      if (useless != NONE) {
        kernel.close(useless);
      }
    }
  }
}
