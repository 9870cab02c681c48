// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * What distributions call the directories of an architecture. Immutable and thread-safe.
 *
 * @param triplets Debian multiarch names, likeliest first; some differ only in e_flags
 * @param libNames what $LIB can stand for; glibc fixes it when it is built, so a tree does not tell
 * @param platform what $PLATFORM stands for on the oldest processor, AT_PLATFORM of getauxval(3)
 */
record Architecture(List<String> triplets, List<String> libNames, String platform) {
  Architecture {
    triplets = List.copyOf(triplets);
    libNames = List.copyOf(libNames);
  }

  static Architecture of(ElfFile file) {
    boolean wide = file.elfClass() == ElfClass.ELFCLASS64;
    boolean little = file.byteOrder() == ByteOrder.LITTLE_ENDIAN;
    List<String> triplets = triplets(file.machine(), wide, little);
    List<String> libNames = new ArrayList<>();
    triplets.forEach(triplet -> libNames.add("lib/" + triplet));
    if (wide) {
      libNames.add("lib64");
    }
    libNames.add("lib");
    return new Architecture(triplets, libNames, platform(file.machine(), wide, little));
  }

  /** Returns the directories that ld.so looks in without being told. */
  List<String> defaultDirectories() {
    List<String> directories = new ArrayList<>(List.of("/lib", "/usr/lib", "/lib64", "/usr/lib64"));
    for (String triplet : triplets) {
      directories.add("/lib/" + triplet);
      directories.add("/usr/lib/" + triplet);
    }
    return directories;
  }

  private static List<String> triplets(ElfMachine machine, boolean wide, boolean little) {
    return switch (machine) {
      case EM_X86_64 -> List.of(wide ? "x86_64-linux-gnu" : "x86_64-linux-gnux32");
      case EM_386 -> List.of("i386-linux-gnu");
      case EM_AARCH64 -> List.of("aarch64-linux-gnu");
      case EM_ARM -> List.of("arm-linux-gnueabihf", "arm-linux-gnueabi");
      case EM_PPC64 -> List.of(little ? "powerpc64le-linux-gnu" : "powerpc64-linux-gnu");
      case EM_PPC -> List.of("powerpc-linux-gnu");
      case EM_S390 -> List.of(wide ? "s390x-linux-gnu" : "s390-linux-gnu");
      case EM_RISCV -> List.of(wide ? "riscv64-linux-gnu" : "riscv32-linux-gnu");
      case EM_LOONGARCH -> List.of("loongarch64-linux-gnu");
      case EM_MIPS -> mips(wide, little ? "el" : "");
      case EM_SPARCV9 -> List.of("sparc64-linux-gnu");
      case EM_SPARC, EM_SPARC32PLUS -> List.of("sparc-linux-gnu");
      case EM_ALPHA -> List.of("alpha-linux-gnu");
      case EM_PARISC -> List.of("hppa-linux-gnu");
      case EM_68K -> List.of("m68k-linux-gnu");
      case EM_IA_64 -> List.of("ia64-linux-gnu");
      case EM_SH -> List.of("sh4-linux-gnu");
      default -> List.of();
    };
  }

  private static List<String> mips(boolean wide, String endian) {
    return wide
        ? List.of("mips64" + endian + "-linux-gnuabi64")
        : List.of("mips" + endian + "-linux-gnu", "mips64" + endian + "-linux-gnuabin32");
  }

  private static String platform(ElfMachine machine, boolean wide, boolean little) {
    return switch (machine) {
      case EM_X86_64 -> "x86_64";
      case EM_386 -> "i686";
      case EM_AARCH64 -> little ? "aarch64" : "aarch64_be";
      case EM_ARM -> little ? "v7l" : "v7b";
      case EM_PPC64 -> little ? "power8" : "power4";
      case EM_S390 -> wide ? "z900" : "g5";
      default -> "";
    };
  }
}
