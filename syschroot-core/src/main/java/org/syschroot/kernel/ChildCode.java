// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.syschroot.kernel.Scratch.Slice;
import org.syschroot.path.OsString;

/**
 * Makes children whose program begins with what posix_spawn(3) does not know and a thread cannot
 * have for its children: limits are the whole process's, a pid namespace is entered by being born
 * in it, and a table of few descriptors would be missed by HotSpot, which reads its classes on any
 * thread. So a child is needed that makes some system calls first, and no Java can run in it: a few
 * machine instructions do. Their source is kept beside them, as {@code child-MACHINE.s}; a test
 * assembles it and compares. Thread-safe.
 */
final class ChildCode {
  private final RawCalls raw;
  private final long start;

  /**
   * Loads the instructions.
   *
   * @throws KernelException if memory may not become executable
   */
  ChildCode(RawCalls raw) throws KernelException {
    this.raw = raw;
    byte[] code = bytes(Machine.current());
    // Never given back.
    NativeMemory memory = NativeMemory.map(code.length);
    memory.bytes().put(0, code);
    memory.makeExecutable();
    this.start = memory.address();
  }

  /** Returns the instructions for a machine. */
  static byte[] bytes(Machine machine) {
    String name = "child-" + machine.name().toLowerCase(Locale.ROOT) + ".hex";
    try (InputStream in = ChildCode.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing in the jar");
      }
      String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return HexFormat.of().parseHex(hex.replace("\n", ""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
    Slice written = table.write();
    try {
      raw.invoke(start, written.address(), 0, 0, 0, 0, 0);
    } catch (OutOfMemoryError e) {
      // The way back from a native call may take memory. The child is told of in the table.
      if (ChildTable.pid(written) == 0) {
        throw e;
      }
    }
    int pid = ChildTable.pid(written);
    if (pid < 0) {
      throw new KernelException("clone", "", -pid);
    }
    if (ChildTable.hasFailed(written)) {
      LinuxProcessCalls.running().reap(pid);
      throw table.failure(written);
    }
    return pid;
  }
}
