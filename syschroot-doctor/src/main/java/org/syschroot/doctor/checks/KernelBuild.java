// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.List;
import java.util.Optional;
import org.syschroot.doctor.Binary;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.host.HostFacts;
import org.syschroot.personality.elf.ElfClass;
import org.syschroot.personality.elf.ElfMachine;

/** An image for x32, or for 32-bit ARM on AArch64, and a kernel that was built without it. */
final class KernelBuild implements Check {
  @Override
  public List<Finding> examine(Examination examination) {
    Optional<Binary> program = examination.binaries().any();
    HostFacts facts = examination.facts();
    if (program.isEmpty() || program.get().elf().elfClass() != ElfClass.ELFCLASS32) {
      return List.of();
    }
    ElfMachine machine = program.get().elf().machine();
    if (machine == ElfMachine.EM_X86_64 && facts.machine() == ElfMachine.EM_X86_64) {
      boolean asked = List.of("y", "1", "on").contains(facts.parameter("syscall.x32"));
      boolean disabled = isSet(examination, "CONFIG_X86_X32_DISABLED") && !asked;
      boolean built =
          isSet(examination, "CONFIG_X86_X32_ABI") || isSet(examination, "CONFIG_X86_X32");
      return finding(
          examination,
          program.get(),
          built && !disabled,
          "x32-missing",
          "x32",
          built
              ? "boot the kernel with syscall.x32=y"
              : "use a kernel with CONFIG_X86_X32_ABI, or an image for amd64");
    }
    if (machine == ElfMachine.EM_ARM && facts.machine() == ElfMachine.EM_AARCH64) {
      return finding(
          examination,
          program.get(),
          isSet(examination, "CONFIG_COMPAT"),
          "arm32-missing",
          "32-bit ARM",
          "use a kernel with CONFIG_COMPAT, on a processor with 32-bit instructions");
    }
    return List.of();
  }

  private static List<Finding> finding(
      Examination examination,
      Binary program,
      boolean runs,
      String id,
      String what,
      String remedy) {
    if (runs) {
      return List.of();
    }
    if (configuration(examination).isEmpty()) {
      return List.of(
          Finding.notice(id + "-unknown")
              .effect("could not check whether the programs of the image run")
              .cause(
                  "they are for "
                      + what
                      + ", and the configuration of the kernel is not in"
                      + " /boot")
              .remedy("run one of them: syschroot run " + examination.image().name() + " -- true")
              .path(program.file().shown())
              .build());
    }
    return List.of(
        Finding.error(id)
            .effect("no program of the image runs: Exec format error (ENOEXEC), exit status 126")
            .cause("they are for " + what + ", which this kernel does not run")
            .remedy(remedy)
            .path(program.file().shown())
            .build());
  }

  private static String configuration(Examination examination) {
    String release = examination.host().text("/proc/sys/kernel/osrelease").orElse("").strip();
    return examination.host().text("/boot/config-" + release).orElse("");
  }

  private static boolean isSet(Examination examination, String option) {
    return configuration(examination).lines().anyMatch(line -> line.equals(option + "=y"));
  }
}
