// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;

/** What this package reads from a file against what readelf(1) prints of it. */
public final class ReadelfComparison {
  private static final Map<String, ElfMachine> MACHINES =
      Map.of(
          "Advanced Micro Devices X86-64", ElfMachine.EM_X86_64,
          "Intel 80386", ElfMachine.EM_386,
          "AArch64", ElfMachine.EM_AARCH64,
          "ARM", ElfMachine.EM_ARM,
          "RISC-V", ElfMachine.EM_RISCV,
          "Linux BPF", ElfMachine.EM_BPF);

  private ReadelfComparison() {}

  /** Compares all that both tell of a file. */
  public static void check(Path file, SoftAssertions softly)
      throws IOException, InterruptedException {
    check(file, run("readelf", "-h", "-l", "-d", "-n", "-W", file.toString()), softly);
  }

  private static void check(Path path, String text, SoftAssertions softly) throws IOException {
    ElfFile file = ElfFile.read(path);
    softly
        .assertThat(all(text, "  Class: +(\\w+)"))
        .as("%s class", path)
        .containsExactly(file.elfClass() == ElfClass.ELFCLASS64 ? "ELF64" : "ELF32");
    softly
        .assertThat(all(text, "  Type: +(\\w+)"))
        .as("%s type", path)
        .containsExactly(file.type().name().replace("ET_", ""));
    String machine = first(text, "  Machine: +(.+)");
    softly
        .assertThat(file.machine())
        .as("%s %s", path, machine)
        .isEqualTo(MACHINES.getOrDefault(machine, file.machine()));
    softly
        .assertThat(file.interpreter().stream())
        .as("%s interpreter", path)
        .containsExactlyElementsOf(all(text, "program interpreter: (.+)\\]"));
    softly
        .assertThat(file.needed())
        .as("%s needed", path)
        .isEqualTo(all(text, "\\(NEEDED\\) +Shared library: \\[(.*)\\]"));
    softly
        .assertThat(file.soname().stream())
        .as("%s soname", path)
        .containsExactlyElementsOf(all(text, "\\(SONAME\\) +Library soname: \\[(.*)\\]"));
    softly
        .assertThat(String.join(":", file.rpath()))
        .as("%s rpath", path)
        .isEqualTo(first(text, "\\(RPATH\\) +Library rpath: \\[(.*)\\]"));
    softly
        .assertThat(String.join(":", file.runpath()))
        .as("%s runpath", path)
        .isEqualTo(first(text, "\\(RUNPATH\\) +Library runpath: \\[(.*)\\]"));
    // Go's linker leaves the GNU build ID out of PT_NOTE; readelf finds it by its section.
    if (!text.contains("GO BUILDID")) {
      softly
          .assertThat(file.buildId().orElse(""))
          .as("%s build id", path)
          .isEqualTo(first(text, "Build ID: (\\w+)"));
    }
    softly
        .assertThat(file.abiTag().map(t -> t.minimumKernel().toString()).orElse(""))
        .as("%s ABI tag", path)
        .isEqualTo(first(text, "OS: Linux, ABI: ([0-9.]+)"));
    softly
        .assertThat(file.x86IsaNeeded().map(l -> l.name().toLowerCase(Locale.ROOT)).orElse(""))
        .as("%s ISA", path)
        .isEqualTo(first(text, "x86 ISA needed: .*?x86-64-(\\w+)(?![-\\w]|, x86-64)"));
  }

  private static String first(String text, String regex) {
    return all(text, regex).stream().findFirst().orElse("");
  }

  static List<String> all(String text, String regex) {
    return Pattern.compile(regex)
        .matcher(text)
        .results()
        .map(r -> r.group(1))
        .collect(Collectors.toList());
  }

  static String run(String... command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD).environment().put("LC_ALL", "C");
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return text;
  }
}
