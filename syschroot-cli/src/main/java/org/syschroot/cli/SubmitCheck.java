// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.nio.file.Files;
import org.syschroot.batch.Submission;
import org.syschroot.image.Image;
import org.syschroot.kernel.Accounts;
import org.syschroot.mount.MountStatus;
import org.syschroot.mounts.ImageMounts;
import org.syschroot.path.HostPath;
import org.syschroot.plan.AccessList;
import org.syschroot.plan.Identity;

/**
 * Finds out before a job is submitted what would make it fail hours later: an image that the user
 * may not use, a mount that is missing, a launcher that is not there or not up to date.
 */
final class SubmitCheck {
  private final Site site;
  private final Image image;

  SubmitCheck(Site site, Image image) {
    this.site = site;
    this.image = image;
  }

  /**
   * Checks all that a job needs.
   *
   * @throws IOException with the first thing that is wrong, and who can put it right
   */
  void check(Submission submission) throws IOException {
    AccessList access = new AccessList(image, Accounts::ofHost);
    if (!access.isForEveryone()) {
      access.require(Identity.ofThisProcess());
    }
    checkMounts();
    if (submission.launcher().isPresent()) {
      checkLauncher(submission.launcher().get());
    }
  }

  private void checkMounts() throws IOException {
    try (ImageMounts mounts = site.mounts(image)) {
      for (MountStatus mount : mounts.status()) {
        if (mount.planned().isPresent() && mount.state() != MountStatus.State.MOUNTED) {
          throw new IOException(
              image.name()
                  + ": "
                  + mount.target()
                  + " is not mounted, so jobs would fail: let root call \"syschroot mount "
                  + image.name()
                  + "\"");
        }
      }
    }
  }

  private void checkLauncher(HostPath path) throws IOException {
    for (Link link : LinkOptions.configured(image)) {
      if (link.path().equals(path)) {
        LinkStatus status = LinkStatus.of(site, link);
        if (status.state() != LinkStatus.State.LINKED
            && status.state() != LinkStatus.State.UNKNOWN) {
          throw new IOException(
              path
                  + " is "
                  + status.state()
                  + (status.detail().isEmpty() ? "" : " (" + status.detail() + ")")
                  + ", so jobs would fail: let root call \"syschroot link "
                  + image.name()
                  + "\"");
        }
      }
    }
    if (!Files.isExecutable(path.toPath())) {
      throw new IOException(
          path + " may not be executed by you, so jobs would fail: ask the administrator");
    }
  }
}
