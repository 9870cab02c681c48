// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.List;
import java.util.Optional;
import org.syschroot.doctor.Binary;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.personality.elf.ElfMachine;
import org.syschroot.personality.emulation.BinfmtHandler;

/** An image for another processor, which needs an emulator that the kernel knows. */
final class ForeignArchitecture implements Check {
  private static final int HEAD = 256; // what the kernel compares with binfmt_misc: BINPRM_BUF_SIZE

  @Override
  public List<Finding> examine(Examination examination) {
    Optional<Binary> program = examination.binaries().any();
    if (program.isEmpty() || isNative(examination, program.get())) {
      return List.of();
    }
    byte[] head = examination.inside().read(program.get().file(), HEAD).orElse(new byte[0]);
    Optional<BinfmtHandler> handler =
        examination.facts().handlers().stream().filter(each -> each.takes(head)).findFirst();
    return List.of(
        handler.isEmpty()
            ? foreign(examination, program.get())
            : emulated(examination, program.get(), handler.get()));
  }

  private static boolean isNative(Examination examination, Binary program) {
    ElfMachine machine = program.elf().machine();
    ElfMachine host = examination.facts().machine();
    boolean compatible =
        (host == ElfMachine.EM_X86_64 && machine == ElfMachine.EM_386)
            || (host == ElfMachine.EM_AARCH64 && machine == ElfMachine.EM_ARM);
    return machine == host || compatible;
  }

  private static String shown(Binary program) {
    ElfMachine machine = program.elf().machine();
    return machine == ElfMachine.OTHER
        ? "machine " + program.elf().machineNumber()
        : machine.toString().substring("EM_".length());
  }

  private static Finding foreign(Examination examination, Binary program) {
    return Finding.error("foreign-architecture")
        .effect("no program of the image runs: Exec format error (ENOEXEC), exit status 126")
        .cause(
            "they are for "
                + shown(program)
                + ", the kernel is for "
                + examination.facts().machine().toString().substring("EM_".length())
                + ", and binfmt_misc has no handler for that architecture")
        .remedy(
            "apt-get install qemu-user-static, which registers emulators with the flag F; or use"
                + " an image for the architecture of the host")
        .path(program.file().shown())
        .build();
  }

  private static Finding emulated(Examination examination, Binary program, BinfmtHandler handler) {
    if (!handler.fixed() && examination.inside().find(handler.interpreter()).isEmpty()) {
      return Finding.error("emulator-missing")
          .effect("no program of the image runs: No such file or directory (ENOENT)")
          .cause(
              "they are for "
                  + shown(program)
                  + "; the handler "
                  + handler.name()
                  + " of binfmt_misc starts "
                  + handler.interpreter()
                  + ", which the image does not have, and the handler lacks the flag F")
          .remedy("register the handler with the flag F, or add the emulator to mounts")
          .path(program.file().shown())
          .mount(handler.interpreter())
          .build();
    }
    return Finding.notice("emulated-architecture")
        .effect("programs run in an emulator: slowly, and not all system calls work")
        .cause(
            "they are for "
                + shown(program)
                + "; the handler "
                + handler.name()
                + " of binfmt_misc starts "
                + handler.interpreter())
        .remedy("none needed; if speed matters, use an image for the architecture of the host")
        .path(program.file().shown())
        .build();
  }
}
