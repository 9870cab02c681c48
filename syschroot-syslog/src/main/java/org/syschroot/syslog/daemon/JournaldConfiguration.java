// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.daemon;

import java.util.List;
import org.syschroot.image.Image;
import org.syschroot.mountplan.BindMount;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;

/**
 * The mount of the journal's directory, an entry for each image's own file: journald takes no
 * sockets but its own. systemd holds {@code /run/systemd/journal/dev-log} open by itself, also
 * while journald is restarted.
 */
final class JournaldConfiguration {
  private static final String DIRECTORY = "/run/systemd/journal";

  private final List<Image> images;

  JournaldConfiguration(List<Image> images) {
    this.images = images;
  }

  String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # Lines from syschroot images, for systemd's journal: journald listens on no further
        # sockets, so its directory is mounted in the images.
        """);
    for (Image image : images) {
      text.append("\n# ").append(image.name()).append(", in its configuration file in images.d: ");
      if (sees(image)) {
        text.append("mounts contains ").append(DIRECTORY).append(" already.\n");
      } else {
        text.append("add this to mounts.\n");
        text.append("#     mounts = [..., \"").append(DIRECTORY).append("\"]\n");
        text.append("# Then: syschroot mount ").append(image.name()).append('\n');
        text.append("# Or, without syschroot's mounts, a line of /etc/fstab:\n");
        text.append(DIRECTORY).append(' ').append(place(image));
        text.append(" none rbind,rslave,x-mount.mkdir 0 0\n");
      }
      if (!ImageDev.isNative(image)) {
        text.append("# Its /dev is its own, so it needs the link that the native /dev has:\n");
        text.append("#     ln -s ").append(DIRECTORY).append("/dev-log ");
        text.append(ImageDev.log(image)).append('\n');
      }
    }
    return text.toString();
  }

  private static String place(Image image) {
    ImageDev.log(image); // for its check of the root
    return ImagePath.of(DIRECTORY).under(image.root()).toString();
  }

  private static boolean sees(Image image) {
    HostPath directory = HostPath.of(DIRECTORY);
    ImagePath there = ImagePath.of(DIRECTORY);
    return image.mounts().steps().stream()
        .anyMatch(
            step ->
                step instanceof BindMount bind
                    && directory.startsWith(bind.source())
                    && there.startsWith(bind.target())
                    && directory.relativeTo(bind.source()).equals(there.relativeTo(bind.target())));
  }
}
