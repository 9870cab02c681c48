// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.io.IOException;
import java.nio.file.Files;
import org.syschroot.image.Image;
import org.syschroot.image.LauncherKind;
import org.syschroot.kernel.Accounts;
import org.syschroot.launcher.Launcher;
import org.syschroot.launcher.LauncherStatus;
import org.syschroot.mounts.ImageAccess;
import org.syschroot.path.HostPath;
import org.syschroot.perform.AccessList;
import org.syschroot.plan.Identity;

/**
 * Finds out before a job is submitted what would make it fail hours later: an image that the user
 * may not use, a mount that is missing, a launcher that is not there or not up to date.
 */
public final class SubmitCheck {
  private final ImageAccess access;
  private final Image image;

  public SubmitCheck(ImageAccess access, Image image) {
    this.access = access;
    this.image = image;
  }

  /**
   * Checks all that a job needs.
   *
   * @throws IOException with the first thing that is wrong, and who can put it right
   */
  public void check(Submission submission) throws IOException {
    AccessList users = new AccessList(image, Accounts::ofHost);
    if (!users.isForEveryone()) {
      users.require(Identity.ofThisProcess());
    }
    if (submission.launcher().isEmpty() || Launcher.configuredKind(image) == LauncherKind.BOOT) {
      access.requireMounts(image, "so jobs would fail");
    }
    if (submission.launcher().isPresent()) {
      checkLauncher(submission.launcher().get());
    }
  }

  private void checkLauncher(HostPath path) throws IOException {
    for (Launcher launcher : Launcher.configured(image)) {
      if (launcher.path().equals(path)) {
        LauncherStatus status = LauncherStatus.of(access, launcher);
        if (status.state() != LauncherStatus.State.LINKED
            && status.state() != LauncherStatus.State.UNKNOWN) {
          throw new IOException(
              path
                  + " is "
                  + status.state()
                  + (status.detail().isEmpty() ? "" : " (" + status.detail() + ")")
                  + ", so jobs would fail: as root: \"syschroot link "
                  + image.name()
                  + "\"");
        }
      }
    }
    if (!Files.isExecutable(path.toPath())) {
      throw new IOException(
          path + " is not executable for you, so jobs would fail: ask the administrator");
    }
  }
}
