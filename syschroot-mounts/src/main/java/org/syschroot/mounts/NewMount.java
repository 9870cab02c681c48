// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.OsString;

/** Takes hold of what mount(2) has just mounted, and detaches mounts again. Thread-safe. */
final class NewMount {
  // Somebody may be renaming directories on the way all the time.
  private static final int MOST_RETRIES = 1024;

  private final Kernel kernel;

  NewMount(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * What is to be done with a mount before it counts as made. Returns the file to be seen there.
   */
  @FunctionalInterface
  interface SetUp {
    FileStatus on(Descriptor mount) throws IOException;
  }

  /** Opens the mount on {@code target} and sets it up; detaches it if that fails. */
  Attached on(Descriptor target, SetUp setUp) throws IOException {
    Descriptor mount = null;
    try {
      mount = open(target);
      return new Attached(mount, setUp.on(mount));
    } catch (IOException | RuntimeException | Error e) {
      undo(target, mount, e);
      throw e;
    }
  }

  private void undo(Descriptor target, @Nullable Descriptor mount, Throwable cause) {
    try (Descriptor found = mount == null ? open(target) : mount) {
      detach(found);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /**
   * Opens what is mounted on a place. The place is held, but only its path leads to what is on it,
   * and the path can change meanwhile: so what was opened must be a mount on the place's own.
   */
  private Descriptor open(Descriptor place) throws IOException {
    long below = place.status().mountId();
    IOException last = new MountException("nothing is mounted on " + place.path());
    for (int attempt = 1; attempt <= MOST_RETRIES; attempt++) {
      try {
        Descriptor top = openOnce(place, below);
        if (top != null) {
          return top;
        }
      } catch (KernelException e) {
        last = e;
      }
    }
    throw last;
  }

  private @Nullable Descriptor openOnce(Descriptor place, long below) throws IOException {
    OsString path = place.path();
    int flags = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW;
    Descriptor top = Descriptor.opened(kernel, kernel.openat(Kernel.AT_FDCWD, path, flags, 0));
    boolean keep = false;
    try {
      keep = isOn(top, below, path);
      return keep ? top : null;
    } finally {
      if (!keep) {
        top.close();
      }
    }
  }

  private boolean isOn(Descriptor top, long below, OsString path) throws IOException {
    MountTable table = MountTable.read(kernel);
    return table
        .byId(top.status().mountId())
        .filter(entry -> entry.parent() == below && entry.target().equals(path))
        .isPresent();
  }

  /**
   * Detaches a mount and all beneath it, busy or not. It is made a slave before: the unmounts of
   * what is beneath a shared mount happen in all its peers, on the native system too.
   */
  void detach(Descriptor mount) throws KernelException {
    kernel.mount(null, mount.link(), null, MountFlags.MS_SLAVE | MountFlags.MS_REC, null);
    kernel.umount2(mount.link(), MountFlags.MNT_DETACH);
  }
}
