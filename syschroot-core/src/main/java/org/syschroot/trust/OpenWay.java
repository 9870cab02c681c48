// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.trust;

import java.util.Arrays;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.OsString;

/**
 * The descriptors along a path that is being walked. Takes no memory between opening one and noting
 * it, and none to close them, so that none is left open when the heap is full. For one thread.
 */
final class OpenWay {
  private final Kernel kernel;
  private int[] descriptors = new int[16];
  private int size;

  OpenWay(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Opens a name in a directory, and goes there. */
  void open(int directory, OsString name, int flags) throws KernelException {
    if (size == descriptors.length) {
      descriptors = Arrays.copyOf(descriptors, 2 * size);
    }
    descriptors[size] = kernel.openat(directory, name, flags, 0);
    size++;
  }

  int size() {
    return size;
  }

  int last() {
    return descriptors[size - 1];
  }

  /** Returns what has been reached, which the caller closes. */
  int takeLast() {
    size--;
    return descriptors[size];
  }

  /** Goes back one directory. */
  void closeLast() {
    size--;
    ConfinedPath.close(kernel, descriptors[size]);
  }

  void closeAll() {
    int all = size;
    size = 0;
    for (int i = 0; i < all; i++) {
      ConfinedPath.close(kernel, descriptors[i]);
    }
  }
}
