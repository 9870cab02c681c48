// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.testing.Assembler;
import org.syschroot.testing.RequiresCommand;

/** Holds the instructions to their source. */
final class MachineCodeTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"call", "child"})
  @RequiresCommand({"as", "objcopy"})
  void source_assembledForX86_givesTheBytes(String name) throws Exception {
    assembled(name, Machine.X86_64);
  }

  @ParameterizedTest
  @ValueSource(strings = {"call", "child"})
  @RequiresCommand({"aarch64-linux-gnu-as", "aarch64-linux-gnu-objcopy"})
  void source_assembledForArm_givesTheBytes(String name) throws Exception {
    assembled(name, Machine.AARCH64);
  }

  private void assembled(String name, Machine machine) throws Exception {
    String file = name + "-" + machine.name().toLowerCase(Locale.ROOT) + ".s";
    String source;
    try (InputStream in = MachineCode.class.getResourceAsStream(file)) {
      source = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(Assembler.assemble(machine, source, folder))
        .isEqualTo(MachineCode.bytes(name, machine));
  }
}
