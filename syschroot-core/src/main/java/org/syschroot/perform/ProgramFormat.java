// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.OsString;
import org.syschroot.trust.ImageRemedies;

/**
 * The beginning of a program file, looked at when the kernel has refused to execute it. Immutable.
 */
final class ProgramFormat {
  static final ProgramFormat MISSING = new ProgramFormat(new byte[0]);

  // The kernel's own limit for a #! line, BINPRM_BUF_SIZE.
  private static final int HEADER = 256;

  private final byte[] head;

  ProgramFormat(byte[] head) {
    this.head = head;
  }

  /** Returns the beginning of a file, {@link #MISSING} if there is none. */
  static ProgramFormat read(Kernel kernel, OsString program) {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK;
    try {
      int fd = kernel.openat(Kernel.AT_FDCWD, program, flags, 0);
      try {
        return new ProgramFormat(kernel.read(fd, HEADER));
      } finally {
        kernel.close(fd);
      }
    } catch (KernelException unreadable) {
      return MISSING;
    }
  }

  private boolean isElf() {
    return head.length >= 20
        && head[0] == 0x7f
        && head[1] == 'E'
        && head[2] == 'L'
        && head[3] == 'F';
  }

  private boolean isScript() {
    return head.length > 2 && head[0] == '#' && head[1] == '!';
  }

  /** Returns whether this is a text that a shell could run: no NUL in its first bytes. */
  boolean isText() {
    for (byte b : head) {
      if (b == 0) {
        return false;
      }
    }
    return !isElf();
  }

  /** Returns whether this is a text that does not say what runs it. */
  boolean isUnmarkedText() {
    return head.length > 0 && isText() && !isScript();
  }

  /** Returns what a {@code #!} line names, a character a byte, or empty if there is none. */
  Optional<String> interpreter() {
    if (!isScript()) {
      return Optional.empty();
    }
    String line = new String(head, 2, head.length - 2, StandardCharsets.ISO_8859_1);
    String name = line.strip().split("[ \\t\\n]", 2)[0];
    return name.isEmpty() ? Optional.empty() : Optional.of(name);
  }

  /** Says which interpreter is missing, for a file that is there but gave ENOENT. */
  String missingInterpreter() {
    if (isScript()) {
      return "its #! interpreter " + interpreter().orElse("") + " is missing in the image";
    }
    return "its program interpreter (the dynamic loader) is missing in the image: "
        + ImageRemedies.LOADER_MISSING;
  }

  /** Says what a binary is that this kernel cannot run. */
  String notForThisKernel() {
    if (!isElf()) {
      return "this kernel cannot execute files of this format";
    }
    boolean littleEndian = head[5] != 2;
    int machine =
        littleEndian
            ? (head[18] & 0xff) | (head[19] & 0xff) << 8
            : (head[19] & 0xff) | (head[18] & 0xff) << 8;
    return "it is a "
        + (head[4] == 1 ? 32 : 64)
        + "-bit program for "
        + machineName(machine)
        + ", which this kernel cannot run";
  }

  // The e_machine numbers of elf(5) that Linux distributions exist for.
  private static String machineName(int machine) {
    return switch (machine) {
      case 3 -> "i386";
      case 8 -> "MIPS";
      case 20 -> "PowerPC";
      case 21 -> "PowerPC64";
      case 22 -> "S/390";
      case 40 -> "ARM";
      case 50 -> "IA-64";
      case 62 -> "x86-64";
      case 183 -> "AArch64";
      case 243 -> "RISC-V";
      case 258 -> "LoongArch";
      default -> "the ELF machine " + machine;
    };
  }
}
