// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.Optional;
import org.syschroot.cli.frame.Site;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.images.version.Version;
import org.syschroot.images.version.VersionStore;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.OsString;

/**
 * The version of an image that a process is in, the current one or not. Immutable.
 *
 * @param image the image
 * @param version the version
 */
record ProcessVersion(ImageName image, Version version) {
  /**
   * Returns the version by the root directory of a process; empty if that is no version, or if it
   * may not be looked at.
   *
   * @param process the process ID, or "self"
   */
  static Optional<ProcessVersion> of(Site site, String process) throws IOException {
    Kernel kernel = site.kernel();
    FileStatus root;
    try {
      root = status(kernel, OsString.of("/proc/" + process + "/root"));
    } catch (KernelException unseen) {
      return Optional.empty();
    }
    for (Image image : site.catalog().all()) {
      Optional<Version> version = version(site, image, root);
      if (version.isPresent()) {
        return Optional.of(new ProcessVersion(image.name(), version.get()));
      }
    }
    return Optional.empty();
  }

  private static Optional<Version> version(Site site, Image image, FileStatus root) {
    try {
      // The trees of an image are on one filesystem.
      return status(site.kernel(), image.root().value()).device() == root.device()
          ? VersionStore.of(
              VersionStore.list(site.kernel(), image.root(), site.effectiveUid()), root)
          : Optional.empty();
    } catch (IOException unseen) {
      return Optional.empty();
    }
  }

  private static FileStatus status(Kernel kernel, OsString path) throws KernelException {
    int place = kernel.openat(Kernel.AT_FDCWD, path, OpenFlags.O_PATH, 0);
    try {
      return kernel.fstat(place);
    } finally {
      kernel.close(place);
    }
  }

  void addTo(JsonObject json) {
    json.addProperty("version", version.number());
    json.addProperty("digest", version.digest().isEmpty() ? null : version.digest());
  }

  @Override
  public String toString() {
    return ("version " + version.number() + " " + version.digest()).stripTrailing();
  }
}
