// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.kernel.Machine;

/** Holds the program to its source, and runs it on the emulator where there is one. */
final class TellProgramTest {
  @TempDir private Path folder;

  @Test
  @RequiresCommand({"as", "objcopy"})
  void source_assembledForX86_givesTheBytes() throws Exception {
    assembled(Machine.X86_64);
  }

  @Test
  @RequiresCommand({"aarch64-linux-gnu-as", "aarch64-linux-gnu-objcopy"})
  void source_assembledForArm_givesTheBytes() throws Exception {
    assembled(Machine.AARCH64);
  }

  @Test
  @RequiresCommand("qemu-aarch64-static")
  void program_onArm_tellsTheSame() throws Exception {
    Path program = Files.write(folder.resolve("tell"), TellProgram.bytes(Machine.AARCH64));
    program.toFile().setExecutable(true);
    ProcessBuilder builder =
        new ProcessBuilder("qemu-aarch64-static", program.toString(), "a b", "")
            .directory(folder.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", System.getenv("PATH"));
    builder.environment().put("A", "b");
    Process process = builder.start();
    process.getOutputStream().write("read".getBytes(StandardCharsets.US_ASCII));
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(process.waitFor()).isEqualTo(3);
    assertThat(out)
        .startsWith(program + "\0a b\0\0\n")
        .contains("A=b\0")
        .endsWith("\0\n" + folder.toRealPath() + "\0\nread");
  }

  private void assembled(Machine machine) throws Exception {
    String source;
    try (InputStream in = TellProgram.class.getResourceAsStream(TellProgram.source(machine))) {
      source = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(Assembler.assemble(machine, source, folder)).isEqualTo(TellProgram.bytes(machine));
  }
}
