// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Locale;
import org.syschroot.kernel.Machine;

/**
 * A static program of the project's own, for machines without busybox: it writes its arguments, its
 * environment, its directory and what it reads, and ends with the number of its arguments.
 */
public final class TellProgram {
  private TellProgram() {}

  /** Returns the name of its source, which lies beside this class. */
  static String source(Machine machine) {
    return "tell-" + machine.name().toLowerCase(Locale.ROOT) + ".s";
  }

  /** Returns the ELF file. */
  static byte[] bytes(Machine machine) throws IOException {
    String file = source(machine).replace(".s", ".hex");
    try (InputStream in = TellProgram.class.getResourceAsStream(file)) {
      String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return HexFormat.of().parseHex(hex.replace("\n", ""));
    }
  }

  /**
   * Makes the tree of an image of which it is the only program, {@code /tell}, with a directory
   * {@code /mnt}.
   *
   * @param root a missing directory in one of root's, which nobody else may write to
   */
  public static Path tree(Path root) throws IOException {
    Files.createDirectories(root.resolve("mnt"));
    Path program = Files.write(root.resolve("tell"), bytes(Machine.current()));
    for (Path each : new Path[] {root, root.getParent(), program}) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return root;
  }
}
