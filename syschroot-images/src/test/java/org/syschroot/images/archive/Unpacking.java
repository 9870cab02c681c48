// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.syschroot.images.tree.TreeEntry;
import org.syschroot.images.tree.TreeLimits;
import org.syschroot.images.tree.TreeLosses;
import org.syschroot.images.tree.TreeWriter;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.path.HostPath;

/** What the tests of archives share. */
final class Unpacking {
  static final TreeLimits LIMITS = new TreeLimits(10_000, 64 << 20);

  private Unpacking() {}

  static TreeLosses unpack(Path archive, Path to) throws IOException {
    TreeLosses losses = new TreeLosses();
    try (ReadAhead in = new ReadAhead(Compression.open(Files.newInputStream(archive)));
        TreeWriter writer =
            TreeWriter.in(LinuxKernel.running(), HostPath.of(to.toString()), LIMITS, losses)) {
      TarReader reader = new TarReader(in);
      for (TreeEntry entry = reader.next(); entry != null; entry = reader.next()) {
        writer.add(entry, reader.content());
      }
      writer.finish();
    }
    return losses;
  }

  static void shell(Path directory, String script) throws Exception {
    Process process =
        new ProcessBuilder("sh", "-e", "-c", script)
            .directory(directory.toFile())
            .inheritIO()
            .start();
    assertThat(process.waitFor()).isZero();
  }

  /** Returns how much room a file takes, in bytes. */
  static long room(Path file) throws IOException {
    Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
    return Long.parseLong(new String(stat.getInputStream().readAllBytes()).strip()) * 512;
  }
}
