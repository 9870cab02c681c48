// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether programs of i386 run, by running one: 96 bytes that only exit. Configuration
 * and command line of the kernel do not tell it all, and an emulator may be registered.
 */
final class I386Probe {
  private static final List<String> PLACES = List.of("/tmp", "/dev/shm", "/var/tmp", "/run");
  private static final int STATUS = 42;
  private static final int SECONDS = 10;
  private static final int BASE = 0x08048000;
  private static final int HEADERS = 52 + 32;

  private I386Probe() {}

  /** Returns the answer; unknown if no file can be executed anywhere. */
  static Tristate run() {
    for (String place : PLACES) {
      try {
        Tristate answer = runIn(Path.of(place));
        if (answer != Tristate.UNKNOWN) {
          return answer;
        }
      } catch (IOException notThere) {
        // Not writable, or mounted noexec: the next place may do.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Tristate.UNKNOWN;
      }
    }
    return Tristate.UNKNOWN;
  }

  private static Tristate runIn(Path directory) throws IOException, InterruptedException {
    Path file =
        Files.createTempFile(
            directory,
            "syschroot-i386",
            "",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try {
      Files.write(file, program());
      Process process = start(file);
      if (process == null) {
        return Tristate.NO;
      }
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Tristate.UNKNOWN;
      }
      // Where the kernel answers ENOEXEC, Java lets /bin/sh read the file, which fails otherwise.
      return process.exitValue() == STATUS ? Tristate.YES : Tristate.NO;
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static @Nullable Process start(Path file) throws IOException {
    try {
      return new ProcessBuilder(file.toString())
          .redirectInput(Path.of("/dev/null").toFile())
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("error=8,")) { // ENOEXEC
        return null;
      }
      throw e;
    }
  }

  /** Returns a static ELF file: exit(42) by int 0x80. */
  private static byte[] program() {
    byte[] code = {(byte) 0xb8, 1, 0, 0, 0, (byte) 0xbb, STATUS, 0, 0, 0, (byte) 0xcd, (byte) 0x80};
    int size = HEADERS + code.length;
    ByteBuffer file = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {0x7f, 'E', 'L', 'F', 1, 1, 1, 0}).putLong(0);
    file.putShort((short) 2).putShort((short) 3).putInt(1); // ET_EXEC, EM_386
    file.putInt(BASE + HEADERS).putInt(52).putInt(0).putInt(0); // entry, program headers
    file.putShort((short) 52).putShort((short) 32).putShort((short) 1);
    file.putShort((short) 40).putShort((short) 0).putShort((short) 0);
    file.putInt(1).putInt(0).putInt(BASE).putInt(BASE); // PT_LOAD
    file.putInt(size).putInt(size).putInt(5).putInt(4096); // readable, executable
    return file.put(code).array();
  }
}
