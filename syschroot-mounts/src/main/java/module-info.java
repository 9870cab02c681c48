// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/** Brings the mounts of images up and down. Start with {@link org.syschroot.mounts.ImageMounts}. */
module org.syschroot.mounts {
  requires transitive org.syschroot.core;
  requires static org.jspecify;

  exports org.syschroot.mounts;
  exports org.syschroot.mounts.removal;

  // For the other modules of this project, and nobody else.
  exports org.syschroot.mounts.files to
      org.syschroot.images;
  exports org.syschroot.mounts.tree to
      org.syschroot.doctor,
      org.syschroot.images;

  provides org.syschroot.mounting.MountSupport with
      org.syschroot.mounts.LinuxMountSupport;
}
