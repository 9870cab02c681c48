// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Machine instructions of this library, for what neither Java nor libc can do. Their source is kept
 * beside them, as {@code NAME-MACHINE.s}; a test assembles it and compares. Not instantiable.
 */
final class MachineCode {
  private MachineCode() {}

  /** Returns the instructions of a name for a machine. */
  static byte[] bytes(String name, Machine machine) {
    String file = name + "-" + machine.name().toLowerCase(Locale.ROOT) + ".hex";
    try (InputStream in = MachineCode.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is missing in the jar");
      }
      String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return HexFormat.of().parseHex(hex.replace("\n", ""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
