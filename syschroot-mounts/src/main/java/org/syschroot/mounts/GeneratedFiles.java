// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.syschroot.host.SharedMounts;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.ProcFiles;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.trust.NewDirectory;
import org.syschroot.trust.TrustedPath;
import org.syschroot.trust.WholeFile;

/**
 * The files that are mounted over those of an image that cannot be written. They are kept outside
 * of it, where {@link SharedMounts} finds them. For one thread.
 */
final class GeneratedFiles {
  private static final int DIRECTORY = 0755;

  private final Kernel kernel;
  private final TrustedPath trust;
  private final HostPath place;

  GeneratedFiles(Kernel kernel, int effectiveUid, HostPath run, ImageName image) {
    this.kernel = kernel;
    this.trust = TrustedPath.forUser(kernel, effectiveUid);
    this.place = SharedMounts.directory(run, image);
  }

  /** A file: what it says, and who may read it. */
  record Generated(byte[] content, int mode) {}

  /**
   * Makes these the files of the image, and deletes others.
   *
   * @return the paths in the image of what has changed
   */
  List<ImagePath> replace(Map<ImagePath, Generated> files) throws IOException {
    if (files.isEmpty() && isMissing()) {
      return List.of();
    }
    makeDirectories();
    try (Descriptor directory = Descriptor.opened(kernel, trust.open(place))) {
      return replace(files, directory.number());
    }
  }

  /** All of them in a directory of root's. */
  private void makeDirectories() throws KernelException {
    HostPath directory = HostPath.ROOT;
    for (OsString name : place.names()) {
      directory = directory.resolve(name);
      NewDirectory.make(kernel, Kernel.AT_FDCWD, directory.value(), DIRECTORY);
    }
  }

  private boolean isMissing() throws IOException {
    try {
      Descriptor.opened(kernel, trust.open(place)).close();
      return false;
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return true;
      }
      throw e;
    }
  }

  private List<ImagePath> replace(Map<ImagePath, Generated> files, int directory)
      throws IOException {
    List<ImagePath> changed = new ArrayList<>();
    for (ImagePath path : SharedMounts.PATHS) {
      OsString name = SharedMounts.fileName(path);
      Generated wanted = files.get(path);
      byte[] there = content(directory, name);
      if (wanted == null && there != null) {
        kernel.unlinkat(directory, name, 0);
        changed.add(path);
      } else if (wanted != null && !Arrays.equals(wanted.content, there)) {
        WholeFile.replaceIn(kernel, directory, name, wanted.content, wanted.mode);
        changed.add(path);
      }
    }
    return changed;
  }

  private byte @Nullable [] content(int directory, OsString name) throws KernelException {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW;
    try (Descriptor file = Descriptor.opened(kernel, kernel.openat(directory, name, flags, 0))) {
      return ProcFiles.content(kernel, file.number());
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return null;
      }
      throw e;
    }
  }
}
