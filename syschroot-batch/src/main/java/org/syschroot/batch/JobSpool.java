// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.syschroot.image.Image;
import org.syschroot.launcher.Launcher;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountSelection;

/**
 * The directories in which the schedulers of this host keep the scripts of jobs, as the launchers
 * of an image show them. Immutable.
 */
public final class JobSpool {
  private final SchedulerFiles host;

  public JobSpool(SchedulerFiles host) {
    this.host = host;
  }

  /**
   * Returns the directories that this host has and an image with launchers does not show, with the
   * names of their schedulers. Where the settings name a scheduler they are mounted.
   *
   * @param mounts what is mounted in the image on this host
   */
  public Map<String, String> missingIn(Image image, MountSelection mounts) {
    Map<String, String> missing = new LinkedHashMap<>();
    if (Launcher.configured(image).isEmpty() || image.submit().isPresent()) {
      return missing;
    }
    for (Scheduler scheduler : Scheduler.all()) {
      for (BindMount spool : scheduler.spool(host)) {
        String directory = spool.source().toString();
        if (host.hasDirectory(directory) && showing(mounts, directory).isEmpty()) {
          missing.putIfAbsent(directory, scheduler.name());
        }
      }
    }
    return missing;
  }

  /** Returns the directories that jobs write to, and that the image shows read-only. */
  public List<String> readOnlyIn(Image image, MountSelection mounts) {
    Set<String> readOnly = new LinkedHashSet<>(); // several schedulers can have the same
    if (Launcher.configured(image).isEmpty()) {
      return List.of();
    }
    for (Scheduler scheduler : Scheduler.all()) {
      for (BindMount spool : scheduler.spool(host)) {
        String directory = spool.source().toString();
        boolean isToBeWritten = !spool.options().contains(MountOption.READ_ONLY);
        if (isToBeWritten
            && host.hasDirectory(directory)
            && showing(mounts, directory)
                .filter(mount -> mount.options().contains(MountOption.READ_ONLY))
                .isPresent()) {
          readOnly.add(directory);
        }
      }
    }
    return List.copyOf(readOnly);
  }

  /** Returns the mount that shows a directory by its own path: the one that is mounted last. */
  private static Optional<BindMount> showing(MountSelection mounts, String directory) {
    return mounts.mounts().stream()
        .map(MountSelection.Mount::step)
        .filter(step -> isAbove(step.target().toString(), directory))
        .reduce((first, second) -> second)
        .filter(step -> step instanceof BindMount)
        .map(step -> (BindMount) step)
        .filter(bind -> bind.source().toString().equals(bind.target().toString()));
  }

  private static boolean isAbove(String target, String directory) {
    return target.equals("/") || (directory + "/").startsWith(target + "/");
  }
}
