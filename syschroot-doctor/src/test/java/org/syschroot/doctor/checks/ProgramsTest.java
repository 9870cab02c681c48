// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.host.Tristate;
import org.syschroot.doctor.host.Vsyscall;
import org.syschroot.kernel.Machine;
import org.syschroot.path.ImagePath;
import org.syschroot.personality.elf.ElfMachine;
import org.syschroot.personality.elf.KernelVersion;
import org.syschroot.personality.elf.X86IsaLevel;
import org.syschroot.personality.emulation.BinfmtHandler;
import org.syschroot.testing.RequiresCommand;

/** Whether the image's programs run at all. */
class ProgramsTest {
  private PreparedImage image;

  @BeforeEach
  void prepare(@TempDir Path folder) throws Exception {
    image = PreparedImage.withGlibc(folder);
  }

  @Test
  void allChecks_goodImage_findNothing() {
    for (var check :
        List.of(
            new ForeignArchitecture(),
            new I386Emulation(),
            new KernelTooOld(),
            new CpuTooOld(),
            new VsyscallNeeded(),
            new MissingShells())) {
      assertThat(image.findings(check)).as(check.name()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2.35, 3.2.0, 3.1.9, error kernel-too-old",
    "2.35, 3.2.0, 3.2.0, ''",
    "2.35, 3.2.0, 2.6.39, error kernel-too-old",
    "2.35, 99.0.0, 6.18.0, error kernel-too-old",
    "2.36, 99.0.0, 6.18.0, notice built-for-newer-kernel",
    "2.36, 3.2.0, 6.18.0, ''"
  })
  void kernelTooOld_noteOfLibc_dependsOnKernelAndRelease(
      String glibc, String note, String kernel, String expected) throws Exception {
    KernelVersion wanted = KernelVersion.parse(note).orElseThrow();
    image.libc(glibc, "", new int[] {wanted.major(), wanted.minor(), wanted.patch()});
    image.kernel = KernelVersion.parse(kernel).orElseThrow();
    assertThat(image.ids(new KernelTooOld()))
        .isEqualTo(expected.isEmpty() ? List.of() : List.of(expected));
  }

  @Test
  void kernelTooOld_libraryWithNote_isNamed() throws Exception {
    image.libc("2.31", "", new int[] {3, 2, 0});
    image.library("libQt5Core.so.5", SmallElf.of(SmallElf.EM_X86_64).kernel(99, 0, 0));
    Finding finding = image.findings(new KernelTooOld()).get(0);
    assertThat(finding.id()).isEqualTo("library-kernel-too-old");
    assertThat(finding.effect()).contains("cannot open shared object file");
    assertThat(finding.cause()).contains("libQt5Core.so.5 for Linux 99.0.0", "6.18.0");
    assertThat(finding.paths()).containsExactly(image.root + "/lib64/libQt5Core.so.5");
  }

  @Test
  void kernelTooOld_libraryOfAnotherMachine_isLeftOut() throws Exception {
    image.libc("2.31", "", new int[] {3, 2, 0});
    image.library("libx.so.1", SmallElf.of(SmallElf.EM_386).kernel(99, 0, 0));
    assertThat(image.findings(new KernelTooOld())).isEmpty();
  }

  @Test
  void kernelTooOld_withoutCache_looksInTheDefaultDirectories() throws Exception {
    image.libc("2.31", "", new int[] {3, 2, 0});
    image.library("libx.so.1", SmallElf.of(SmallElf.EM_X86_64).kernel(99, 0, 0));
    Files.delete(image.root.resolve("etc/ld.so.cache"));
    assertThat(image.ids(new KernelTooOld())).containsExactly("error library-kernel-too-old");
  }

  @Test
  void kernelTooOld_staticShell_itsOwnNoteCounts() throws Exception {
    Files.delete(image.root.resolve("lib64/libc.so.6"));
    Files.delete(image.root.resolve("etc/ld.so.cache"));
    image.program("bin/sh", SmallElf.of(SmallElf.EM_X86_64).kernel(99, 0, 0));
    assertThat(image.ids(new KernelTooOld())).containsExactly("error kernel-too-old");
  }

  @ParameterizedTest
  @CsvSource({
    "1, BASELINE, false",
    "2, BASELINE, true",
    "2, V2, false",
    "4, V2, true",
    "4, V3, false",
    "8, V3, true",
    "15, V3, true",
    "8, V4, false",
    "16, V2, false"
  })
  void cpuTooOld_levelOfLibc_isComparedWithTheProcessor(
      int bits, X86IsaLevel have, boolean expected) throws Exception {
    image.library("libm.so.6", SmallElf.of(SmallElf.EM_X86_64).isa(bits));
    image.cpuLevel = have;
    assertThat(image.ids(new CpuTooOld()))
        .isEqualTo(expected ? List.of("error cpu-too-old") : List.of());
  }

  /**
   * A real C library marked for x86-64-v4, on a processor without: emulated, so that there is one.
   */
  @Test
  @RequiresCommand("qemu-x86_64-static")
  void cpuTooOld_realLibc_isWhatTheLoaderSays(@TempDir Path folder) throws Exception {
    if (Machine.current() != Machine.X86_64) {
      return; // the files copied here are those of x86-64
    }
    PreparedImage real = new PreparedImage(folder);
    real.copy("/bin/sh", "bin/sh");
    real.copy("/lib64/ld-linux-x86-64.so.2", "lib64/ld-linux-x86-64.so.2");
    real.copyLibrary("/lib/x86_64-linux-gnu/libc.so.6");
    real.cpuLevel = X86IsaLevel.BASELINE;
    assertThat(real.findings(new CpuTooOld())).isEmpty();
    assertThat(real.emulate("echo fine")).isEqualTo("fine\n");
    Path libc = real.root.resolve("lib64/libc.so.6");
    byte[] bytes = Files.readAllBytes(libc);
    byte[] property = {0x02, (byte) 0x80, 0x00, (byte) 0xc0, 4, 0, 0, 0, 1, 0, 0, 0};
    int at = 0;
    while (!Arrays.equals(bytes, at, at + property.length, property, 0, property.length)) {
      at++;
    }
    bytes[at + 8] = 8;
    Files.write(libc, bytes);
    assertThat(real.findings(new CpuTooOld()))
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.effect()).contains("CPU ISA level is lower than required"));
    assertThat(real.emulate("echo fine")).contains("CPU ISA level is lower than required");
  }

  @Test
  void cpuTooOld_variantForBetterProcessors_isLeftOut() throws Exception {
    image.library("glibc-hwcaps/x86-64-v4/libm.so.6", SmallElf.of(SmallElf.EM_X86_64).isa(8));
    assertThat(image.findings(new CpuTooOld())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "2.13, NONE, true",
    "2.13, XONLY, false",
    "2.13, EMULATE, false",
    "2.14, NONE, false"
  })
  void vsyscallNeeded_release_dependsOnTheKernelsPage(
      String glibc, Vsyscall offered, boolean expected) throws Exception {
    image.libc(glibc, "", new int[] {2, 6, 18});
    image.vsyscall = offered;
    image.commandLine = "vsyscall=none";
    List<Finding> findings = image.findings(new VsyscallNeeded());
    assertThat(findings).hasSize(expected ? 1 : 0);
    if (expected) {
      assertThat(findings.get(0).id()).isEqualTo("vsyscall-missing");
      assertThat(findings.get(0).cause()).contains("vsyscall=none");
    }
  }

  @Test
  void vsyscallNeeded_staticProgramWithCall_isNamed() throws Exception {
    image.vsyscall = Vsyscall.NONE;
    byte[] call = {
      0x48, (byte) 0xc7, (byte) 0xc0, 0, 4, 0x60, (byte) 0xff, (byte) 0xff, (byte) 0xd0
    };
    image.program("bin/old", SmallElf.of(SmallElf.EM_X86_64).text(call));
    image.program("bin/new", SmallElf.of(SmallElf.EM_X86_64).text("nothing"));
    image.program(
        "bin/dynamic",
        SmallElf.of(SmallElf.EM_X86_64).interpreter(PreparedImage.LOADER).text(call));
    assertThat(image.findings(new VsyscallNeeded()))
        .singleElement()
        .satisfies(f -> assertThat(f.paths()).containsExactly(image.root + "/bin/old"));
  }

  @Test
  void foreignArchitecture_noHandler_isAnError() throws Exception {
    image.program("bin/sh", SmallElf.of(SmallElf.EM_AARCH64));
    Finding finding = image.findings(new ForeignArchitecture()).get(0);
    assertThat(finding.id()).isEqualTo("foreign-architecture");
    assertThat(finding.effect()).contains("ENOEXEC");
    assertThat(finding.cause()).contains("AARCH64", "X86_64");
  }

  @ParameterizedTest
  @CsvSource({
    "true, /usr/bin/qemu, notice emulated-architecture",
    "false, /usr/bin/qemu, error emulator-missing",
    "false, /bin/sh, notice emulated-architecture"
  })
  void foreignArchitecture_handler_dependsOnFlagAndEmulator(
      boolean fixed, String interpreter, String expected) throws Exception {
    image.program("bin/sh", SmallElf.of(SmallElf.EM_AARCH64));
    String magic = "7f454c460201010000000000000000000200b700";
    String mask = "ffffffffffffff00fffffffffffffffffeffffff";
    image.handlers =
        List.of(
            new BinfmtHandler("other", "/x", true, 0, "cafebabe", ""),
            new BinfmtHandler("qemu-aarch64", interpreter, fixed, 0, magic, mask));
    assertThat(image.ids(new ForeignArchitecture())).containsExactly(expected);
  }

  @Test
  void foreignArchitecture_hostOfArm_x86IsForeign() {
    image.machine = ElfMachine.EM_AARCH64;
    assertThat(image.ids(new ForeignArchitecture())).containsExactly("error foreign-architecture");
  }

  @ParameterizedTest
  @CsvSource({
    "YES, ''",
    "NO, error i386-emulation-missing",
    "UNKNOWN, notice i386-emulation-unknown"
  })
  void i386Emulation_answerOfTheProbe_isTold(Tristate answer, String expected) throws Exception {
    image.program("bin/sh", SmallElf.of(SmallElf.EM_386));
    image.runsI386 = answer;
    image.commandLine = "ia32_emulation=off";
    List<Finding> findings = image.findings(new I386Emulation());
    assertThat(image.ids(new I386Emulation()))
        .isEqualTo(expected.isEmpty() ? List.of() : List.of(expected));
    if (answer == Tristate.NO) {
      assertThat(findings.get(0).cause()).contains("ia32_emulation=off");
    }
  }

  @Test
  void shells_missing_areTold() throws Exception {
    Files.delete(image.root.resolve("bin/sh"));
    image.settings(settings -> settings.shell(ImagePath.of("/bin/tcsh")));
    image.onHost(
        "file etc/passwd root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/zsh\n"
            + "sys:x:99:99::/:/bin/odd\nbob:x:1001:1001::/:/usr/sbin/nologin\n");
    assertThat(image.ids(new MissingShells()))
        .containsExactly(
            "error shell-missing", "error configured-shell-missing", "warning login-shell-missing");
    assertThat(image.findings(new MissingShells()).get(2).paths())
        .containsExactly(image.root + "/bin/sh", image.root + "/bin/zsh");
  }

  @Test
  void shells_absoluteLinkInTheImage_isResolvedInside() throws Exception {
    Files.delete(image.root.resolve("bin/sh"));
    image.inImage("symlink bin/sh /usr/bin/only-in-image");
    assertThat(image.ids(new MissingShells())).containsExactly("error shell-missing");
    image.program("usr/bin/only-in-image", SmallElf.of(SmallElf.EM_X86_64));
    assertThat(image.findings(new MissingShells())).isEmpty();
  }
}
