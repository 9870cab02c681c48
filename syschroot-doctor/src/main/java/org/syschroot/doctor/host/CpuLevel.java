// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.host;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.syschroot.personality.elf.X86IsaLevel;

/** Which level of x86-64 a processor has (x86-64 psABI, "Micro-Architecture Levels"). */
final class CpuLevel {
  // The names of /proc/cpuinfo: pni is SSE3, abm has LZCNT, xsave stands for OSXSAVE.
  private static final List<String> V2 =
      List.of("cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3");
  private static final List<String> V3 =
      List.of("avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave");
  private static final List<String> V4 =
      List.of("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl");

  private CpuLevel() {}

  /** Returns the level of the first processor of /proc/cpuinfo; they are all alike. */
  static X86IsaLevel of(String cpuinfo) {
    Set<String> flags = Set.of();
    for (String line : cpuinfo.split("\n")) {
      if (line.startsWith("flags")) {
        flags =
            Set.copyOf(Arrays.asList(line.substring(line.indexOf(':') + 1).strip().split("\\s+")));
        break;
      }
    }
    if (!flags.containsAll(V2)) {
      return X86IsaLevel.BASELINE;
    }
    if (!flags.containsAll(V3)) {
      return X86IsaLevel.V2;
    }
    return flags.containsAll(V4) ? X86IsaLevel.V4 : X86IsaLevel.V3;
  }
}
