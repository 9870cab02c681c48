// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.syschroot.doctor.Binaries;
import org.syschroot.doctor.Binary;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.glibc.Glibc;
import org.syschroot.personality.elf.AbiTag;
import org.syschroot.personality.elf.ElfMachine;
import org.syschroot.personality.elf.KernelVersion;

/**
 * Loader, C library and libraries that were built for a newer kernel, by their notes {@code
 * NT_GNU_ABI_TAG}.
 *
 * <p>glibc's loader has the version it was built for as a constant, equal to that in the note of
 * the libc.so.6 that was built with it, and gives up when the kernel is older. Any library whose
 * note asks for a newer kernel it treats as if it were not there. From glibc 2.36 on it does
 * neither.
 */
final class KernelTooOld implements Check {
  @Override
  public List<Finding> examine(Examination examination) {
    Binaries binaries = examination.binaries();
    if (binaries.machine().filter(machine -> isOurs(machine, examination)).isEmpty()) {
      return List.of();
    }
    boolean checked = binaries.libc().map(Glibc::checksKernel).orElse(true);
    KernelVersion kernel = examination.facts().kernel();
    List<Finding> findings = new ArrayList<>();
    List<Binary> central =
        Stream.of(
                binaries.loader(),
                binaries.libc().flatMap(libc -> libc(binaries, libc)),
                program(binaries))
            .flatMap(Optional::stream)
            .filter(
                binary -> wants(binary).filter(wanted -> wanted.compareTo(kernel) > 0).isPresent())
            .toList();
    List<Binary> others =
        binaries.loadable().stream()
            .filter(
                binary -> wants(binary).filter(wanted -> wanted.compareTo(kernel) > 0).isPresent())
            .filter(
                binary ->
                    central.stream()
                        .noneMatch(same -> same.file().path().equals(binary.file().path())))
            .toList();
    if (!central.isEmpty()) {
      findings.add(checked ? programs(central, kernel) : unchecked(central, kernel, binaries));
    }
    if (!others.isEmpty()) {
      findings.add(checked ? libraries(others, kernel) : unchecked(others, kernel, binaries));
    }
    return findings;
  }

  private static boolean isOurs(ElfMachine machine, Examination examination) {
    ElfMachine host = examination.facts().machine();
    return machine == host || (host == ElfMachine.EM_X86_64 && machine == ElfMachine.EM_386);
  }

  private static Optional<Binary> libc(Binaries binaries, Glibc libc) {
    return binaries.libraries().stream()
        .filter(library -> library.file().path().equals(libc.file().path()))
        .findFirst();
  }

  /** A static program has its loader in it; the note of another says nothing that is looked at. */
  private static Optional<Binary> program(Binaries binaries) {
    return binaries.shell().filter(program -> program.elf().interpreter().isEmpty());
  }

  private static Optional<KernelVersion> wants(Binary binary) {
    return binary
        .elf()
        .abiTag()
        .filter(tag -> tag.os() == AbiTag.Os.LINUX)
        .map(AbiTag::minimumKernel);
  }

  private static String list(List<Binary> binaries) {
    return String.join(
        ", ",
        binaries.stream()
            .limit(5)
            .map(binary -> binary.name() + " for Linux " + wants(binary).orElseThrow())
            .toList());
  }

  private static List<String> paths(List<Binary> binaries) {
    return binaries.stream().map(binary -> binary.file().shown()).toList();
  }

  private static Finding programs(List<Binary> binaries, KernelVersion kernel) {
    return Finding.error("kernel-too-old")
        .effect(
            "no program of the image starts: \"FATAL: kernel too old\", or \"libc.so.6: cannot open"
                + " shared object file: No such file or directory\"")
        .cause(
            "the kernel is "
                + kernel
                + ", and the image is built for a newer one: "
                + list(binaries))
        .remedy("use a newer kernel, or an older release in the image")
        .paths(paths(binaries))
        .build();
  }

  private static Finding libraries(List<Binary> binaries, KernelVersion kernel) {
    return Finding.error("library-kernel-too-old")
        .effect(
            "programs that need "
                + (binaries.size() == 1
                    ? "this library"
                    : "one of " + binaries.size() + " libraries")
                + " do not start: \"cannot open shared object file: No such file or directory\","
                + " although it is there")
        .cause(
            "the kernel is " + kernel + ", and they are built for a newer one: " + list(binaries))
        .remedy(
            "use a newer kernel; or, if the library works with this one, remove its note: strip"
                + " --remove-section=.note.ABI-tag FILE")
        .paths(paths(binaries))
        .build();
  }

  private static Finding unchecked(List<Binary> binaries, KernelVersion kernel, Binaries all) {
    return Finding.notice("built-for-newer-kernel")
        .effect("programs start, but may fail later if they need a newer kernel")
        .cause(
            "the kernel is "
                + kernel
                + ", and they are built for a newer one: "
                + list(binaries)
                + "; glibc "
                + all.libc().map(Glibc::shownVersion).orElse("")
                + " does not check that")
        .remedy("use a newer kernel if something fails with ENOSYS (Function not implemented)")
        .paths(paths(binaries))
        .build();
  }
}
