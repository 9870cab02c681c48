// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.util.List;
import org.syschroot.image.Image;
import org.syschroot.image.LauncherKind;
import org.syschroot.launcher.Launcher;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountSelection;

/**
 * The directories of which each job sees one of its own on this host, and which an image shows as
 * the host has them: its mounts were made at boot, in another mount namespace than the job's.
 * Launchers with mounts made at entry take what the job sees. Immutable.
 */
public final class JobDirectories {
  private final SchedulerFiles host;

  public JobDirectories(SchedulerFiles host) {
    this.host = host;
  }

  /**
   * Returns those of the scheduler in an image's settings; none without one.
   *
   * @param mounts what is mounted in the image on this host
   */
  public List<String> missedBy(Image image, MountSelection mounts) {
    return image
        .submit()
        .map(submit -> missedBy(image, mounts, Scheduler.of(submit)))
        .orElse(List.of());
  }

  /** Returns those of a scheduler. */
  public List<String> missedBy(Image image, MountSelection mounts, Scheduler scheduler) {
    if (Launcher.configured(image).isEmpty()
        || Launcher.configuredKind(image) != LauncherKind.BOOT) {
      return List.of();
    }
    return scheduler.privateDirectories(host).stream()
        .filter(directory -> isShown(mounts, directory))
        .toList();
  }

  private static boolean isShown(MountSelection mounts, String directory) {
    return mounts.mounts().stream()
        .map(MountSelection.Mount::step)
        .filter(step -> step instanceof BindMount)
        .map(step -> (BindMount) step)
        .anyMatch(bind -> shows(bind, directory));
  }

  private static boolean shows(BindMount bind, String directory) {
    String source = bind.source().toString();
    String below = source.endsWith("/") ? source : source + "/";
    return source.equals(directory)
        || source.startsWith(directory + "/")
        || (bind.recursive() && directory.startsWith(below));
  }
}
