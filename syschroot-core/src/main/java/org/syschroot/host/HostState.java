// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.host;

import java.nio.file.Path;
import java.util.List;
import org.syschroot.image.MountContributor;
import org.syschroot.kernel.Kernel;
import org.syschroot.mounting.KernelFiles;
import org.syschroot.mounting.KernelRoots;
import org.syschroot.mounting.MountSupport;
import org.syschroot.mounting.MountSurvey;
import org.syschroot.mounting.RootSurvey;
import org.syschroot.mountplan.HostFiles;

/**
 * What planning needs to know of the native system. Immutable as far as its files are.
 *
 * @param files the native system's files
 * @param mounts tells what is mounted in an image, in the mount namespace of the caller
 * @param contributors site code that adds mounts or takes them away
 * @param personalities tells the execution domain of an image whose settings name none
 * @param roots tells what the tree of an image lacks for its mounts
 * @param filesToMount whether the filesystem of an image that a file holds is mounted only for
 *     planning, so that the command has to mount it
 * @param ranges tells which numbers of users and groups the caller has besides their own
 */
public record HostState(
    HostFiles files,
    MountSurvey mounts,
    List<MountContributor> contributors,
    DefaultPersonality personalities,
    RootSurvey roots,
    boolean filesToMount,
    IdRanges.Source ranges) {
  private static final IdRanges.Source NO_RANGES = () -> IdRanges.NONE;

  /** Copies the list. */
  public HostState {
    contributors = List.copyOf(contributors);
  }

  /** Returns the state of the running host. */
  public static HostState running(
      Kernel kernel, MountSupport mounts, List<MountContributor> contributors) {
    return new HostState(
        new KernelFiles(kernel),
        mounts.survey(kernel),
        contributors,
        new ElfPersonality(kernel),
        new KernelRoots(kernel),
        false,
        new SubordinateIds(Path.of("/etc"), Path.of("/usr/bin")));
  }

  /** Returns this host where the files of images are mounted for planning only. */
  public HostState withFilesToMount() {
    return new HostState(files, mounts, contributors, personalities, roots, true, ranges);
  }

  /** Creates the state of a host without image files that are to be mounted. */
  public HostState(
      HostFiles files,
      MountSurvey mounts,
      List<MountContributor> contributors,
      DefaultPersonality personalities,
      RootSurvey roots) {
    this(files, mounts, contributors, personalities, roots, false, NO_RANGES);
  }

  /** Creates the state of a host on which all trees of images can be written to. */
  public HostState(
      HostFiles files,
      MountSurvey mounts,
      List<MountContributor> contributors,
      DefaultPersonality personalities) {
    this(files, mounts, contributors, personalities, RootSurvey.WRITABLE);
  }

  /** Creates the state of a host on which images keep the caller's execution domain. */
  public HostState(HostFiles files, MountSurvey mounts, List<MountContributor> contributors) {
    this(files, mounts, contributors, DefaultPersonality.NONE);
  }

  /**
   * Returns this host with nothing mounted in any image: for a plan that is made ahead, and looks
   * at the mounts when it is carried out.
   */
  public HostState beforeMounts() {
    return new HostState(
        files,
        MountSurvey.NOTHING_MOUNTED,
        contributors,
        personalities,
        roots,
        filesToMount,
        ranges);
  }

  /** Creates the state of a host without site code, too. */
  public HostState(HostFiles files, MountSurvey mounts) {
    this(files, mounts, List.of());
  }
}
