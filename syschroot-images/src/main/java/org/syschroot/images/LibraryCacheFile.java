// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.syschroot.personality.elf.ElfFile;

/**
 * The {@code ld.so.cache} of a new image. Without it ld.so(8) looks in its default directories only
 * and does not find a library in a directory of {@code ld.so.conf}, such as {@code /usr/local/lib}.
 * Not instantiable.
 */
final class LibraryCacheFile {
  private static final Path LDCONFIG = Path.of("/sbin/ldconfig");
  private static final List<String> MADE =
      List.of(
          "/etc/ld.so.cache",
          "/etc/ld.so.cache~",
          "/var/cache/ldconfig",
          "/var/cache/ldconfig/aux-cache");

  private LibraryCacheFile() {}

  /** Makes the cache by the host's ldconfig(8); where that is none of glibc's, there is no need. */
  static void make(Path root, ImageWriter writer) throws IOException {
    if (!Files.isRegularFile(LDCONFIG) || !ElfFile.isElf(LDCONFIG)) {
      return;
    }
    MADE.forEach(path -> writer.alsoMade(writer.target(Path.of(path))));
    // -X: the links are reproduced already. -r: it changes its root first, and runs nothing there.
    Process process =
        new ProcessBuilder(LDCONFIG.toString(), "-X", "-r", root.toString())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = await(process);
    if (status != 0) {
      throw new IOException(
          LDCONFIG + " -X -r " + root + " ended with status " + status + ": " + output.strip());
    }
  }

  private static int await(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
