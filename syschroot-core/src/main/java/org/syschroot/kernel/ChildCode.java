// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.List;
import org.syschroot.kernel.Scratch.Slice;
import org.syschroot.path.OsString;

/**
 * Makes children whose program begins with what posix_spawn(3) does not know and a thread cannot
 * have for its children: limits are the whole process's, a pid namespace is entered by being born
 * in it, and a table of few descriptors would be missed by HotSpot, which reads its classes on any
 * thread. So a child is needed that makes some system calls first, and no Java can run in it: a few
 * machine instructions do. Thread-safe.
 */
final class ChildCode {
  private static final int P_PID = 1;
  private static final int WEXITED = 4;
  private static final int WAITID_BYTES = 128; // siginfo_t
  private static final int MOST_INTERRUPTIONS = 1000;

  private final RawCalls raw;
  private final long start;

  /**
   * Loads the instructions.
   *
   * @throws KernelException if memory may not become executable
   */
  ChildCode(RawCalls raw) throws KernelException {
    this.raw = raw;
    byte[] code = MachineCode.bytes("child", Machine.current());
    // Never given back.
    NativeMemory memory = NativeMemory.map(code.length);
    memory.bytes().put(0, code);
    memory.makeExecutable();
    this.start = memory.address();
  }

  /**
   * Starts a program.
   *
   * @return the process id
   * @throws KernelException if a call of the child failed, {@code execve} for the program itself
   */
  int run(
      Scratch memory,
      OsString path,
      List<OsString> arguments,
      List<OsString> environment,
      ChildSettings settings)
      throws KernelException {
    ChildTable table = new ChildTable(memory);
    table.settings(settings);
    table.execute(path, arguments, environment);
    Slice end = memory.take(WAITID_BYTES);
    Slice written = table.write();
    try {
      raw.invoke(start, written.address(), 0, 0, 0, 0, 0);
    } catch (OutOfMemoryError e) {
      // The table, whose first word is 0 until there is a child, knows whether there is one.
      if (ChildTable.pid(written) == 0) {
        throw e;
      }
    }
    int pid = ChildTable.pid(written);
    if (pid < 0) {
      throw new KernelException("clone", "", -pid);
    }
    if (ChildTable.hasFailed(written)) {
      reap(pid, end);
      throw table.failure(written);
    }
    return pid;
  }

  /** Takes no memory: nobody else would wait for a child that has not become a program. */
  private void reap(int pid, Slice end) {
    long result = -1;
    // Signals interrupt waiting, and not for ever.
    for (int i = 0; i < MOST_INTERRUPTIONS && result < 0; i++) {
      result = raw.withoutMemory(SystemCall.WAITID, P_PID, pid, end.address(), WEXITED);
    }
  }
}
