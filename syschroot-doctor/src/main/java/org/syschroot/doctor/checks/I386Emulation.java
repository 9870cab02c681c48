// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.List;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.host.HostFacts;
import org.syschroot.doctor.host.Tristate;
import org.syschroot.personality.elf.ElfMachine;

/** An image for i386 on a kernel for x86-64 that does not run such programs, or may not. */
final class I386Emulation implements Check {
  @Override
  public List<Finding> examine(Examination examination) {
    HostFacts facts = examination.facts();
    if (!examination.binaries().areI386() || facts.machine() != ElfMachine.EM_X86_64) {
      return List.of();
    }
    Tristate answer = facts.runsI386().get();
    if (answer == Tristate.YES) {
      return List.of();
    }
    String program = examination.binaries().any().orElseThrow().file().shown();
    if (answer == Tristate.UNKNOWN) {
      return List.of(
          Finding.notice("i386-emulation-unknown")
              .effect("could not check whether the programs of the image run")
              .cause("no directory was found in which an i386 test program can be executed")
              .remedy("make /tmp writable and executable (no noexec), then repeat")
              .path(program)
              .build());
    }
    String parameter = facts.parameter("ia32_emulation");
    return List.of(
        Finding.error("i386-emulation-missing")
            .effect("no program of the image runs: Exec format error (ENOEXEC), exit status 126")
            .cause(
                "they are for i386, and an i386 test program does not run"
                    + (parameter.isEmpty()
                        ? ": the kernel was built without CONFIG_IA32_EMULATION, or with it"
                            + " disabled"
                        : ": the kernel was booted with ia32_emulation=" + parameter))
            .remedy(
                "boot the kernel with ia32_emulation=1, or use a kernel with CONFIG_IA32_EMULATION")
            .path(program)
            .build());
  }
}
