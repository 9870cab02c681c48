// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.syschroot.path.OsString;

/** Runs programs of the native system, with files for what they print. */
final class Shell {
  private Shell() {}

  /**
   * What a program did.
   *
   * @param status its exit status
   * @param out its standard output
   * @param err its standard error, shown as Latin-1
   */
  record Outcome(int status, byte[] out, String err) {
    String text() {
      return new String(out, StandardCharsets.UTF_8);
    }
  }

  static Outcome run(Path folder, String... command) {
    try {
      Path out = Files.createTempFile(folder, "out", "");
      Path err = Files.createTempFile(folder, "err", "");
      Process process =
          new ProcessBuilder(List.of(command))
              .directory(folder.toFile())
              .redirectInput(new java.io.File("/dev/null"))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      int status = process.waitFor();
      byte[] printed = Files.readAllBytes(out);
      String problems = Files.readString(err, StandardCharsets.ISO_8859_1);
      Files.delete(out);
      Files.delete(err);
      return new Outcome(status, printed, problems);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static Path write(Path folder, OsString script) {
    try {
      return Files.write(Files.createTempFile(folder, "script", ".sh"), script.toBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
