// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.testing.RequiresCommand;

/** Holds the instructions to their source. */
final class MachineCodeTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"call", "child"})
  @RequiresCommand({"as", "objcopy"})
  void source_assembledForX86_givesTheBytes(String name) throws Exception {
    assembled(name, Machine.X86_64, "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"call", "child"})
  @RequiresCommand({"aarch64-linux-gnu-as", "aarch64-linux-gnu-objcopy"})
  void source_assembledForArm_givesTheBytes(String name) throws Exception {
    assembled(name, Machine.AARCH64, "aarch64-linux-gnu-");
  }

  private void assembled(String name, Machine machine, String prefix) throws Exception {
    String file = name + "-" + machine.name().toLowerCase(Locale.ROOT) + ".s";
    Path source = folder.resolve(file);
    try (InputStream in = MachineCode.class.getResourceAsStream(file)) {
      Files.copy(in, source);
    }
    Path object = folder.resolve("c.o");
    Path raw = folder.resolve("c.bin");
    run(prefix + "as", "-o", object.toString(), source.toString());
    run(prefix + "objcopy", "-O", "binary", "-j", ".text", object.toString(), raw.toString());
    assertThat(HexFormat.of().formatHex(Files.readAllBytes(raw)))
        .isEqualTo(HexFormat.of().formatHex(MachineCode.bytes(name, machine)));
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }
}
