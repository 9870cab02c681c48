// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.emulation;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A handler of foreign programs (Documentation/admin-guide/binfmt-misc.rst). Immutable.
 *
 * @param name its name in /proc/sys/fs/binfmt_misc
 * @param interpreter the emulator, a path on the native system when it was registered with {@code
 *     F}, else a path in the image
 * @param fixed whether the kernel has opened the emulator already (flag {@code F})
 * @param offset where in a file the magic is
 * @param magic the bytes, as hexadecimal digits
 * @param mask which bits of them count, as hexadecimal digits; empty for all
 */
public record BinfmtHandler(
    String name, String interpreter, boolean fixed, int offset, String magic, String mask) {

  private static final Path DIRECTORY = Path.of("/proc/sys/fs/binfmt_misc");

  /**
   * Reads what the kernel says of a handler; empty if it is disabled or goes by the file's name.
   *
   * @param text the content of its file
   */
  public static Optional<BinfmtHandler> parse(String name, String text) {
    boolean enabled = false;
    String interpreter = "";
    String flags = "";
    int offset = 0;
    @Nullable String magic = null;
    String mask = "";
    for (String line : text.split("\n")) {
      String value = line.substring(line.indexOf(' ') + 1);
      if (line.equals("enabled")) {
        enabled = true;
      } else if (line.startsWith("interpreter ")) {
        interpreter = value;
      } else if (line.startsWith("flags: ")) {
        flags = value;
      } else if (line.startsWith("offset ")) {
        offset = Integer.parseInt(value);
      } else if (line.startsWith("magic ")) {
        magic = value;
      } else if (line.startsWith("mask ")) {
        mask = value;
      }
    }
    return enabled && magic != null
        ? Optional.of(
            new BinfmtHandler(name, interpreter, flags.contains("F"), offset, magic, mask))
        : Optional.empty();
  }

  /** Returns the enabled handlers of the running kernel; none where they cannot be read. */
  public static List<BinfmtHandler> ofKernel() {
    List<BinfmtHandler> handlers = new ArrayList<>();
    try {
      if (!Files.readString(DIRECTORY.resolve("status")).startsWith("enabled")) {
        return handlers;
      }
      try (DirectoryStream<Path> files = Files.newDirectoryStream(DIRECTORY)) {
        for (Path file : files) {
          String name = file.getFileName().toString();
          if (!name.equals("register") && !name.equals("status")) {
            parse(name, Files.readString(file)).ifPresent(handlers::add);
          }
        }
      }
    } catch (IOException | DirectoryIteratorException notMounted) {
      return handlers;
    }
    return handlers;
  }

  /** Returns whether it takes programs that begin with some bytes. */
  public boolean takes(byte[] head) {
    byte[] wanted = HexFormat.of().parseHex(magic);
    byte[] bits = mask.isEmpty() ? new byte[0] : HexFormat.of().parseHex(mask);
    if (offset + wanted.length > head.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      int bit = i < bits.length ? bits[i] : 0xff;
      if (((head[offset + i] ^ wanted[i]) & bit) != 0) {
        return false;
      }
    }
    return true;
  }
}
