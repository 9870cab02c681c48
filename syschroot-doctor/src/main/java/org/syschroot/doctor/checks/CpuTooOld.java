// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.syschroot.doctor.Binary;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.personality.elf.ElfMachine;
import org.syschroot.personality.elf.X86IsaLevel;

/** Programs and libraries for a higher level of x86-64 than the processor has. */
final class CpuTooOld implements Check {
  // Variants for better processors: the loader takes them only where they run (ld.so(8)).
  private static final String VARIANTS = "/glibc-hwcaps/";

  @Override
  public List<Finding> examine(Examination examination) {
    if (examination.facts().machine() != ElfMachine.EM_X86_64) {
      return List.of();
    }
    X86IsaLevel have = examination.facts().cpuLevel();
    List<Binary> tooNew =
        Stream.of(
                examination.binaries().shell().stream(),
                examination.binaries().loader().stream(),
                examination.binaries().loadable().stream())
            .flatMap(each -> each)
            .filter(binary -> !binary.file().path().contains(VARIANTS))
            .filter(
                binary ->
                    binary
                        .elf()
                        .x86IsaNeeded()
                        .filter(need -> need.compareTo(have) > 0)
                        .isPresent())
            .toList();
    if (tooNew.isEmpty()) {
      return List.of();
    }
    X86IsaLevel most =
        tooNew.stream()
            .map(binary -> binary.elf().x86IsaNeeded().orElseThrow())
            .max(X86IsaLevel::compareTo)
            .orElseThrow();
    return List.of(
        Finding.error("cpu-too-old")
            .effect(
                "programs that use "
                    + (tooNew.size() == 1 ? tooNew.get(0).name() : tooNew.size() + " libraries")
                    + " do not start: \"CPU ISA level is lower than required\"; with glibc before"
                    + " 2.33 they are killed by SIGILL (illegal instruction)")
            .cause("they need " + shown(most) + ", and the processor is " + shown(have))
            .remedy("use a newer machine, or an image built for " + shown(have))
            .paths(tooNew.stream().map(binary -> binary.file().shown()).toList())
            .build());
  }

  private static String shown(X86IsaLevel level) {
    return level == X86IsaLevel.BASELINE
        ? "x86-64-v1"
        : "x86-64-" + level.name().toLowerCase(Locale.ROOT);
  }
}
