// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.daemon;

import java.util.List;
import org.syschroot.image.Image;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountStep;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;

/** What an image's configuration says of its {@code /dev}. */
final class ImageDev {
  private static final ImagePath DEV = ImagePath.of("/dev");
  private static final HostPath NATIVE_DEV = HostPath.of("/dev");
  private static final String PLAIN = "[A-Za-z0-9/._+@:,=-]+";

  private ImageDev() {}

  /** Returns whether the native {@code /dev} is mounted in it. */
  static boolean isNative(Image image) {
    boolean isNative = false;
    for (MountStep step : image.mounts().steps()) {
      if (step.target().equals(DEV)) {
        isNative = step instanceof BindMount bind && bind.source().equals(NATIVE_DEV);
      }
    }
    return isNative;
  }

  /** Returns the images that have a {@code /dev} of their own. */
  static List<Image> own(List<Image> images) {
    return images.stream().filter(image -> !isNative(image)).toList();
  }

  /** Returns the path of an image's {@code /dev/log}. */
  static String log(Image image) {
    String path = ImagePath.of("/dev/log").under(image.root()).toString();
    if (!path.matches(PLAIN)) {
      throw new IllegalArgumentException(
          image.name()
              + ": its root "
              + image.root()
              + " contains characters that the configuration of the daemon does not allow: use"
              + " the relay, or another root directory");
    }
    return path;
  }

  /** Returns comments that name the images for which there is nothing to do. */
  static String commentOnOthers(List<Image> images) {
    StringBuilder text = new StringBuilder();
    for (Image image : images) {
      if (isNative(image)) {
        text.append("# ").append(image.name());
        text.append(": the host's /dev is mounted in it, with the socket of the daemon.\n");
      }
    }
    return text.toString();
  }
}
