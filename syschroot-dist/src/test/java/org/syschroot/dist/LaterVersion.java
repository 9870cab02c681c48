// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import static org.syschroot.dist.Shell.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes Debian packages of a version that is not released yet. */
final class LaterVersion {
  private LaterVersion() {}

  /** Returns the same package as version 99, with another text in the file of defaults. */
  static Path of(Path deb, Path folder) throws IOException, InterruptedException {
    Path content = folder.resolve("next");
    run("dpkg-deb", "-R", deb.toString(), content.toString());
    Path control = content.resolve("DEBIAN/control");
    Files.writeString(
        control, Files.readString(control).replaceFirst("(?m)^Version: .*", "Version: 99-1"));
    Path defaults = content.resolve("etc/syschroot/syschroot.toml");
    Files.writeString(defaults, Files.readString(defaults) + "# of the next version\n");
    Path later = folder.resolve("syschroot_99-1.deb");
    run("dpkg-deb", "-Zgzip", "-z1", "-b", content.toString(), later.toString());
    return later;
  }
}
