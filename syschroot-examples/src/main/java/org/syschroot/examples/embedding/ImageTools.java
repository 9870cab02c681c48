// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.embedding;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.syschroot.Syschroot;
import org.syschroot.SyschrootReload;
import org.syschroot.config.CatalogReader;
import org.syschroot.doctor.checks.StandardChecks;
import org.syschroot.doctor.finding.Diagnosis;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.ImageName;
import org.syschroot.images.HostImage;
import org.syschroot.images.ImageFile;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.mounts.ImageAccess;
import org.syschroot.mounts.ImageLaunchers;
import org.syschroot.mounts.ImageMounts;
import org.syschroot.mounts.MountListener;
import org.syschroot.path.HostPath;
import org.syschroot.syslog.relay.RelayedImage;
import org.syschroot.syslog.relay.SyslogRelay;

/** What administrators do by commands, in Java, as the page on embedding shows it. */
final class ImageTools {
  private final Syschroot syschroot;

  ImageTools(Syschroot syschroot) {
    this.syschroot = syschroot;
  }

  int mount(Image image, MountListener listener) throws IOException {
    try (ImageMounts mounts = ImageAccess.of(syschroot).mounts(image)) {
      return mounts.up(listener);
    }
  }

  int unmount(Image image, MountListener listener) throws IOException {
    try (ImageMounts mounts = ImageAccess.of(syschroot).mounts(image)) {
      return mounts.down(false, listener);
    }
  }

  List<MountStatus> status(Image image) throws IOException {
    try (ImageMounts mounts = ImageAccess.of(syschroot).mounts(image)) {
      return mounts.status();
    }
  }

  List<HostPath> link(Image image) throws IOException {
    ImageLaunchers launchers = new ImageLaunchers(ImageAccess.of(syschroot));
    launchers.write(image);
    return launchers.current(image);
  }

  Diagnosis examine(Image image) throws IOException {
    Diagnosis diagnosis = StandardChecks.examine(syschroot, image);
    return diagnosis;
  }

  SyslogRelay relay(Image image, HostPath log) throws IOException {
    RelayedImage relayed = RelayedImage.of(image.name(), image.root());
    SyslogRelay relay = SyslogRelay.builder().nativeSocket(log).image(relayed).build();
    relay.start();
    return relay;
  }

  static void create(Path config, Path root) throws IOException {
    HostImage.searching("/usr/bin:/bin").create(root, List.of("sh", "cat"), file -> {});
    ImageFile.write(config, new ImageName("tools"), "root = \"" + root + "\"\nmounts = []\n");
  }

  static Syschroot fromText(String settings) throws IOException {
    Image image = CatalogReader.image("sl5", settings);
    return Syschroot.of(ImageCatalog.of(List.of(image)));
  }

  static SyschrootReload reloaded(Path config) throws IOException {
    SyschrootReload images = SyschrootReload.of(config);
    images.current().catalog(); // read again if a file has changed
    return images;
  }
}
