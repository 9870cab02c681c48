// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/** Brings the mounts of images up and down. Start with {@link org.syschroot.mounts.ImageMounts}. */
module org.syschroot.mounts {
  requires transitive org.syschroot.core;
  requires static org.jspecify;

  exports org.syschroot.mounts;
  exports org.syschroot.mounts.boot;
  exports org.syschroot.mounts.files to
      org.syschroot.images;
  exports org.syschroot.mounts.removal;
  exports org.syschroot.mounts.table;

  provides org.syschroot.mountplan.MountSupport with
      org.syschroot.mounts.LinuxMountSupport;
}
