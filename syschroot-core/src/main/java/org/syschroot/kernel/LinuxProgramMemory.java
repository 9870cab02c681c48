// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.List;
import org.syschroot.path.OsString;

/** Programs in the memory of the running kernel. Thread-safe. */
public final class LinuxProgramMemory implements ProgramMemory {
  private static final int MFD_CLOEXEC = 1;
  private static final int MFD_ALLOW_SEALING = 2;
  private static final int MFD_NOEXEC_SEAL = 0x8;
  private static final int MFD_EXEC = 0x10;
  private static final int F_ADD_SEALS = 1033;

  /** F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW and F_SEAL_WRITE. */
  private static final int ALL_SEALS = 0xf;

  private final RawCalls raw = RawCalls.running();
  private final Kernel kernel;

  /** Creates the memory of a kernel, which the bytes are written by. */
  public LinuxProgramMemory(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public int keep(OsString name, byte[] program) throws KernelException {
    return sealed(name, program, MFD_EXEC);
  }

  /** As {@link #keep}, but what cannot be executed, so that no setting forbids it. */
  int keepData(OsString name, byte[] content) throws KernelException {
    return sealed(name, content, MFD_NOEXEC_SEAL);
  }

  private int sealed(OsString name, byte[] content, int executable) throws KernelException {
    long fd = create(name, executable);
    if (fd == -Errno.EINVAL.number()) {
      fd = create(name, 0); // before Linux 6.3, where every one is executable
    }
    check(fd, "memfd_create", "name=" + name);
    try {
      kernel.write((int) fd, content);
      check(
          raw.call(SystemCall.FCNTL.number(), fd, F_ADD_SEALS, ALL_SEALS, 0, 0),
          "fcntl",
          "F_ADD_SEALS");
    } catch (KernelException | RuntimeException | Error e) {
      kernel.close((int) fd);
      throw e;
    }
    return (int) fd;
  }

  private long create(OsString name, int executable) {
    return raw.call(
        SystemCall.MEMFD_CREATE.number(),
        ThreadScratch.get().string(name),
        MFD_CLOEXEC | MFD_ALLOW_SEALING | executable,
        0,
        0,
        0);
  }

  @Override
  public void execute(int fd, List<OsString> arguments, List<OsString> environment)
      throws KernelException {
    Scratch memory = ThreadScratch.get();
    check(
        raw.call(
            SystemCall.EXECVEAT.number(),
            fd,
            memory.string(OsString.of("")),
            memory.strings(arguments),
            memory.strings(environment),
            MountFlags.AT_EMPTY_PATH),
        "execveat",
        "fd=" + fd);
  }

  private static void check(long result, String call, String arguments) throws KernelException {
    if (result < 0) {
      throw LinuxCalls.failed(call, arguments, result);
    }
  }
}
