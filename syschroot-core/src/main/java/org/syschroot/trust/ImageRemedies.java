// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.trust;

import org.syschroot.kernel.Errno;
import org.syschroot.kernel.KernelException;

/**
 * What to do about faults of an image: the same words where a command fails of one, and where the
 * doctor foretells it. Constants, so that a process that has changed its root directory needs to
 * load nothing for them.
 */
public final class ImageRemedies {
  /** A symbolic link in the place of a mount point leads nowhere. */
  public static final String LINK_TO_NOWHERE =
      "remove the symbolic link; syschroot then creates the directory";

  /** The interpreter of the image's ELF files is missing. */
  public static final String LOADER_MISSING =
      "reinstall the C library in the image, or create the image again";

  /** The image is on a filesystem that is mounted with {@code noexec}. */
  public static final String NOEXEC =
      "the image is on a filesystem that is mounted with the option noexec: mount -o remount,exec";

  private ImageRemedies() {}

  /** Returns a failure to open a mount point with what to do about it. */
  public static KernelException ofMountPoint(KernelException failure) {
    return failure.is(Errno.ELOOP) ? failure.withHint(LINK_TO_NOWHERE) : failure;
  }
}
