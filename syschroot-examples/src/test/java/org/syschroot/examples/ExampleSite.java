// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.syschroot.testing.BusyboxImage;

/** A configuration directory with small images, for programs that read one. */
public final class ExampleSite {
  private final Path directory;
  private final Path config;

  /** Makes a site without images in an empty directory of root's. */
  public ExampleSite(Path directory) throws IOException {
    this.directory = directory;
    this.config = Files.createDirectories(directory.resolve("etc"));
    Files.createDirectory(config.resolve("images.d"));
  }

  /** Adds an image, and returns its root. */
  public Path image(String name, String... settings) throws IOException {
    Path root = BusyboxImage.tree(directory.resolve("images"), name);
    // Commands start in the directory of the tests, and are refused where there is none of its
    // name.
    Files.createDirectories(root.resolve(Path.of("").toAbsolutePath().toString().substring(1)));
    Files.createSymbolicLink(root.resolve("bin/uname"), Path.of("busybox"));
    String own = "root = \"" + root + "\"\ncwd = \"root\"\nmounts = []\n";
    Files.writeString(
        config.resolve("images.d/" + name + ".toml"), own + String.join("\n", settings) + "\n");
    return root;
  }

  /** Returns the configuration directory. */
  public Path config() {
    return config;
  }
}
