// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.util.Map;
import java.util.Set;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.ResourceLimit;

/**
 * Brings the descriptor table of the calling thread into the order that a child is to have. The
 * table must be the thread's own, unshare(2) {@code CLONE_FILES}: everything else in it is closed.
 */
final class DescriptorTable {
  private final Kernel kernel;
  private final int[] numbers;
  private final int[] sources;

  /**
   * Prepares a table.
   *
   * @param wanted our descriptor for each number
   */
  DescriptorTable(Kernel kernel, Map<Integer, Integer> wanted) {
    this.kernel = kernel;
    numbers = wanted.keySet().stream().mapToInt(Integer::intValue).sorted().toArray();
    sources = new int[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      sources[i] = wanted.get(numbers[i]);
    }
  }

  /**
   * Arranges the table.
   *
   * @param planned the numbers of the plan; others of the wanted ones are left out
   */
  void arrange(Set<Integer> planned) throws KernelException {
    int highest = numbers.length == 0 ? -1 : numbers[numbers.length - 1];
    int[] safe = new int[numbers.length];
    // First out of the way, so that no target is the source of a later one.
    for (int i = 0; i < numbers.length; i++) {
      safe[i] = kernel.duplicate(sources[i], highest + 1);
    }
    int from = 0;
    for (int i = 0; i < numbers.length; i++) {
      if (planned.contains(numbers[i])) {
        kernel.duplicateTo(safe[i], numbers[i]);
        closeBetween(from, numbers[i] - 1);
        from = numbers[i] + 1;
      }
    }
    closeBetween(from, Integer.MAX_VALUE);
  }

  private void closeBetween(int first, int last) throws KernelException {
    if (first > last) {
      return;
    }
    try {
      kernel.closeRange(first, last);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOSYS)) { // ENOSYS: before Linux 5.9
        throw e;
      }
      closeOneByOne(first, last);
    }
  }

  private void closeOneByOne(int first, int last) throws KernelException {
    long limit = kernel.getrlimit(ResourceLimit.NOFILE).soft();
    for (int fd = first; fd <= last && fd < limit; fd++) {
      try {
        kernel.close(fd);
      } catch (KernelException notOpen) {
        // What is not open need not be closed.
      }
    }
  }
}
