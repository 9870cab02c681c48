// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.syschroot.kernel.Machine;

/** Assembles by as(1) and objcopy(1) of GNU binutils. */
public final class Assembler {
  private Assembler() {}

  /**
   * Returns the bytes of the section {@code .text}.
   *
   * @param folder where files are left
   */
  public static byte[] assemble(Machine machine, String source, Path folder)
      throws IOException, InterruptedException {
    String prefix = machine == Machine.AARCH64 ? "aarch64-linux-gnu-" : "";
    Path text = Files.writeString(folder.resolve("source.s"), source);
    Path object = folder.resolve("source.o");
    Path raw = folder.resolve("source.bin");
    run(prefix + "as", "-o", object.toString(), text.toString());
    run(prefix + "objcopy", "-O", "binary", "-j", ".text", object.toString(), raw.toString());
    return Files.readAllBytes(raw);
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }
}
