// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.doctor.Binary;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.SystemFile;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.glibc.Glibc;
import org.syschroot.doctor.host.HostFacts;
import org.syschroot.doctor.host.Vsyscall;
import org.syschroot.personality.elf.ElfFile;
import org.syschroot.personality.elf.ElfMachine;

/**
 * Programs that call the kernel's old vsyscall page where there is none any more: those of glibc
 * before 2.14 (its NEWS: "the vDSO is used"), and static programs with such calls in them.
 */
final class VsyscallNeeded implements Check {
  private static final List<String> PROGRAMS =
      List.of("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin");
  private static final int MOST_PROGRAMS = 20_000;
  private static final int LARGEST = 64 << 20;
  private static final int BLOCK = 1 << 16;
  private static final int CALL = 7; // bytes

  @Override
  public List<Finding> examine(Examination examination) {
    HostFacts facts = examination.facts();
    boolean applies = facts.machine() == ElfMachine.EM_X86_64 && facts.vsyscall() == Vsyscall.NONE;
    if (!applies
        || examination.binaries().machine().filter(m -> m == ElfMachine.EM_X86_64).isEmpty()) {
      return List.of();
    }
    List<Finding> findings = new ArrayList<>();
    Optional<Glibc> old =
        examination.binaries().libc().filter(libc -> libc.version().isBefore(2, 14));
    if (old.isPresent()) {
      findings.add(
          finding()
              .effect(
                  "programs fail with a segmentation fault (exit status 139) when they read the"
                      + " time, shells when they start")
              .cause(
                  "glibc "
                      + old.get().shownVersion()
                      + " needs the vsyscall page, which this kernel does not have"
                      + why(facts))
              .path(old.get().file().shown())
              .build());
    }
    List<String> programs = staticPrograms(examination.inside());
    if (!programs.isEmpty()) {
      findings.add(
          finding()
              .effect(
                  "static programs fail with a segmentation fault (exit status 139): "
                      + programs.size())
              .cause("they need the vsyscall page, which this kernel does not have" + why(facts))
              .paths(programs)
              .build());
    }
    return findings;
  }

  private static Finding.Builder finding() {
    return Finding.error("vsyscall-missing")
        .remedy("boot the kernel with vsyscall=xonly (Linux 5.2 and later) or vsyscall=emulate");
  }

  private static String why(HostFacts facts) {
    String parameter = facts.parameter("vsyscall");
    return parameter.isEmpty() ? "" : "; it was booted with vsyscall=" + parameter;
  }

  private static List<String> staticPrograms(SystemFiles files) {
    List<String> found = new ArrayList<>();
    List<String> seen = new ArrayList<>();
    int count = 0;
    for (String directory : PROGRAMS) {
      Optional<SystemFile> place = files.find(directory);
      if (place.isEmpty() || seen.contains(place.get().path())) {
        continue;
      }
      seen.add(place.get().path());
      for (String name : files.list(directory)) {
        if (++count > MOST_PROGRAMS) {
          return found;
        }
        files
            .findLink(directory + "/" + name)
            .filter(SystemFile::isProgram)
            .filter(file -> isStaticWithCalls(files, file))
            .ifPresent(file -> found.add(file.shown()));
      }
    }
    return found;
  }

  private static boolean isStaticWithCalls(SystemFiles files, SystemFile file) {
    Optional<Binary> binary = Binary.read(files, file.path(), file);
    Optional<ElfFile> elf = binary.map(Binary::elf);
    boolean isStatic =
        elf.filter(program -> program.machine() == ElfMachine.EM_X86_64)
            .filter(program -> program.interpreter().isEmpty())
            .isPresent();
    return isStatic
        && files.open(file).filter(channel -> hasCall(files, file, channel)).isPresent();
  }

  /** Reads in blocks, each with the end of the one before, in which a call may begin. */
  private static boolean hasCall(SystemFiles files, SystemFile file, SeekableByteChannel opened) {
    byte[] block = new byte[BLOCK];
    int kept = 0;
    try (SeekableByteChannel channel = opened) {
      for (long total = 0; total < LARGEST; ) {
        int count = channel.read(ByteBuffer.wrap(block, kept, block.length - kept));
        if (count <= 0) {
          return false;
        }
        total += count;
        int end = kept + count;
        if (hasCall(block, end)) {
          return true;
        }
        kept = Math.min(end, CALL - 1);
        System.arraycopy(block, end - kept, block, 0, kept);
      }
    } catch (IOException e) {
      files.noteUnreadable(file);
    }
    return false;
  }

  /** Looks for mov $0xffffffffff600000, %reg, or with 400 or 800 at its end. */
  private static boolean hasCall(byte[] code, int length) {
    for (int i = 0; i + CALL <= length; i++) {
      if (code[i] == 0x48
          && code[i + 1] == (byte) 0xc7
          && (code[i + 2] & 0xf8) == 0xc0
          && code[i + 3] == 0
          && (code[i + 4] == 0 || code[i + 4] == 4 || code[i + 4] == 8)
          && code[i + 5] == 0x60
          && code[i + 6] == (byte) 0xff) {
        return true;
      }
    }
    return false;
  }
}
