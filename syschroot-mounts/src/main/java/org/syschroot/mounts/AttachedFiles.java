// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.FileDetails;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LoopCalls;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounts.files.Descriptor;

/**
 * The image files that this process holds. To mount one again takes a tenth of the time, since the
 * kernel has read the filesystem already. Those of other processes are left alone: nobody knows
 * what was in the file when they attached it. Thread-safe.
 */
final class AttachedFiles {
  private final List<HeldFile> all = new ArrayList<>();

  /**
   * Returns the device of a file, opened once more, or null if none is held or the file was changed
   * since.
   */
  synchronized LoopCalls.@Nullable Device open(Kernel kernel, FileDetails file)
      throws KernelException {
    for (HeldFile held : all) {
      if (held.isOf(file)) {
        // Not by its pathname: while this descriptor is open the device stays that of the file.
        Descriptor open = new Descriptor(kernel, held.device().fd());
        int again = kernel.openat(Kernel.AT_FDCWD, open.link(), OpenFlags.O_RDONLY, 0);
        return new LoopCalls.Device(again, held.device().path());
      }
    }
    return null;
  }

  synchronized void add(HeldFile held) {
    all.add(held);
  }

  synchronized void remove(HeldFile held) {
    all.remove(held);
  }
}
