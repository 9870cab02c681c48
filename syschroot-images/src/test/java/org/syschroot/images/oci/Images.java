// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.syschroot.images.source.ImageSource;
import org.syschroot.images.source.SourceSpelling;
import org.syschroot.images.tree.TreeLimits;
import org.syschroot.images.tree.TreeLosses;
import org.syschroot.images.tree.TreeWriter;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.path.HostPath;

/** What the tests of images in layers share. */
final class Images {
  /** Makes an image of two layers with umoci(1), as {@code oci:NAME} in the directory. */
  static final String TWO_LAYERS =
      """
      umoci init --layout oci; umoci new --image oci:one
      umoci config --image oci:one --config.env A=b --config.cmd /bin/sh --architecture amd64
      umoci unpack --image oci:one one; cd one/rootfs
      umask 022; mkdir -p bin etc/dir/sub usr/lib etc/opaque var/old; echo sh > bin/sh
      ln bin/sh bin/dash; chmod 4755 bin/sh; ln -s usr/lib lib; echo l > usr/lib/l
      echo a > etc/dir/a; echo b > etc/dir/sub/b; echo gone > etc/gone; echo o > etc/opaque/o
      echo v > var/old/v; ln -s /etc/dir var/link; setcap cap_net_raw=ep usr/lib/l
      setfattr -n user.x -v y etc/dir; chown -R 1000:1001 var; touch -d @1000000 etc/dir/a usr/lib
      truncate -s 3M var/sparse; mkfifo var/fifo; printf z > "$(printf 'etc/n\\377')"
      cd ../..; umoci repack --image oci:one one; umoci unpack --image oci:one two; cd two/rootfs
      rm etc/gone; rm -r etc/dir/sub; echo a2 > etc/dir/a; rm -r etc/opaque; mkdir etc/opaque
      echo p > etc/opaque/p; rm -r var/old; echo file > var/old; rm var/link; mkdir var/link
      echo through > var/link/f; rm bin/dash; ln usr/lib/l usr/lib/m; chmod 0700 usr
      cd ../..; umoci repack --image oci:two two
      """;

  private Images() {}

  static void shell(Path directory, String script) throws IOException, InterruptedException {
    Path log = Files.createTempFile("images", ".log");
    Process process =
        new ProcessBuilder("sh", "-e", "-c", script)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    int status = process.waitFor();
    String output = Files.readString(log, StandardCharsets.ISO_8859_1);
    Files.delete(log);
    assertThat(status).as(output).isZero();
  }

  static TreeLosses unpack(String source, Path to, Map<String, String> environment)
      throws IOException {
    return unpack(source, to, environment, Optional.empty());
  }

  static TreeLosses unpack(
      String source, Path to, Map<String, String> environment, Optional<String> architecture)
      throws IOException {
    Files.createDirectories(to);
    TreeLosses losses = new TreeLosses();
    HostPath root = HostPath.of(to.toString());
    TreeLimits limits = new TreeLimits(100_000, 1 << 30);
    try (ImageSource opened = new SourceSpelling(source).open(architecture, environment);
        TreeWriter writer = TreeWriter.in(LinuxKernel.running(), root, limits, losses)) {
      opened.writeTo(writer, losses, text -> {});
      writer.finish();
    }
    return losses;
  }
}
