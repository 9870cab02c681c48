// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.doctor.files.Budget;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.kernel.Machine;
import org.syschroot.personality.elf.KernelVersion;
import org.syschroot.personality.elf.X86IsaLevel;
import org.syschroot.personality.emulation.BinfmtHandler;

class HostFactsTest {
  private static final String V2 = " cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3";
  private static final String V3 = V2 + " avx avx2 bmi1 bmi2 f16c fma abm movbe xsave";
  private static final String V4 = V3 + " avx512f avx512bw avx512cd avx512dq avx512vl";

  private static HostFacts read() throws IOException {
    return HostFactsReader.read(
        SystemFiles.ofHost(LinuxKernel.running(), LinuxTreeCalls.running(), Budget.standard()),
        Map.of("A", "b"),
        0);
  }

  @ParameterizedTest
  @CsvSource({
    "'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0   [vsyscall]', XONLY",
    "'ffffffffff600000-ffffffffff601000 r-xp 00000000 00:00 0   [vsyscall]', EMULATE",
    "'7ffd0-7ffd1 r-xp 00000000 00:00 0  [vdso]', NONE",
    "'', NONE"
  })
  void vsyscall_maps_areRead(String line, Vsyscall expected) {
    assertThat(Vsyscall.ofMaps("00400000-00401000 r-xp 0 0:0 0 /bin/x\n" + line + "\n"))
        .isEqualTo(expected);
  }

  static Stream<Arguments> processors() {
    return Stream.of(
        Arguments.of("fpu sse2", X86IsaLevel.BASELINE),
        Arguments.of(V2, X86IsaLevel.V2),
        Arguments.of(V3, X86IsaLevel.V3),
        Arguments.of(V3.replace(" movbe", ""), X86IsaLevel.V2),
        Arguments.of(V4.replace(" popcnt", ""), X86IsaLevel.BASELINE),
        Arguments.of(V4, X86IsaLevel.V4));
  }

  @ParameterizedTest
  @MethodSource("processors")
  void cpuLevel_flags_areComparedWithTheAbi(String flags, X86IsaLevel expected) {
    String cpuinfo = "processor\t: 0\nflags\t\t: " + flags + "\nbugs\t: x\n\nflags\t\t: other\n";
    assertThat(CpuLevel.of(cpuinfo)).isEqualTo(expected);
    assertThat(CpuLevel.of("")).isEqualTo(X86IsaLevel.BASELINE);
  }

  @Test
  void binfmtHandler_textOfTheKernel_isRead() {
    String text =
        "enabled\ninterpreter /usr/bin/qemu\nflags: POCF\noffset 1\nmagic 454c\nmask ff0f\n";
    BinfmtHandler handler = BinfmtHandler.parse("q", text).orElseThrow();
    assertThat(handler).isEqualTo(new BinfmtHandler("q", "/usr/bin/qemu", true, 1, "454c", "ff0f"));
    assertThat(handler.takes(new byte[] {0x7f, 0x45, (byte) 0xfc, 1})).isTrue();
    assertThat(handler.takes(new byte[] {0x7f, 0x45, 0x4d, 1})).isFalse();
    assertThat(handler.takes(new byte[] {0x7f, 0x45})).isFalse();
    assertThat(BinfmtHandler.parse("q", text.replace("enabled", "disabled"))).isEmpty();
    assertThat(BinfmtHandler.parse("q", "enabled\ninterpreter /x\nflags: \nextension .jar\n"))
        .isEmpty();
  }

  @Test
  void parameter_givenTwice_lastCounts() throws IOException {
    HostFacts read = read();
    HostFacts facts =
        new HostFacts(
            read.kernel(),
            read.machine(),
            read.vsyscall(),
            "vsyscall=none quiet\tvsyscall=emulate xvsyscall=3",
            read.cpuLevel(),
            read.handlers(),
            read.runsI386(),
            read.environment(),
            0);
    assertThat(facts.parameter("vsyscall")).isEqualTo("emulate");
    assertThat(facts.parameter("ia32_emulation")).isEmpty();
  }

  @Test
  void read_runningSystem_isDescribed() throws IOException {
    HostFacts facts = read();
    String release = Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
    assertThat(facts.kernel()).isEqualTo(KernelVersion.parse(release).orElseThrow());
    assertThat(facts.commandLine()).isEqualTo(Files.readString(Path.of("/proc/cmdline")));
    assertThat(facts.environment()).containsEntry("A", "b");
  }

  /** Whether the kernel says that it can, where it says so. */
  @Test
  void runsI386_runningKernel_isWhatItsConfigurationSays() throws Exception {
    Tristate answer = read().runsI386().get();
    Path config = Path.of("/proc/config.gz");
    if (Machine.current() == Machine.X86_64 && Files.exists(config)) {
      Process grep =
          new ProcessBuilder("zgrep", "-q", "^CONFIG_IA32_EMULATION=y", config.toString()).start();
      boolean built = grep.waitFor() == 0;
      boolean disabled = read().parameter("ia32_emulation").matches("0|off|n|false");
      assertThat(answer).isEqualTo(built && !disabled ? Tristate.YES : Tristate.NO);
    } else {
      assertThat(answer).isNotNull();
    }
    try (Stream<Path> left = Files.list(Path.of("/tmp"))) {
      assertThat(left.filter(file -> file.getFileName().toString().startsWith("syschroot-i386")))
          .isEmpty();
    }
  }
}
