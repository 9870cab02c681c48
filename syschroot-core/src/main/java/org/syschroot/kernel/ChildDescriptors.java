// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.Map;

/**
 * What posix_spawn(3) does to the descriptors of a child, before its program begins. Thread-safe.
 *
 * <p>It is done there, not beforehand on the thread that makes the child: HotSpot reads its classes
 * from a descriptor, and may do so on any thread at any time, when it decides to compile a method.
 */
final class ChildDescriptors {
  // sizeof(posix_spawn_file_actions_t) is 80 with glibc and musl on x86-64 and AArch64.
  private static final int BYTES = 128;

  private final RawCalls raw;
  private final long init = RawCalls.address("posix_spawn_file_actions_init");
  private final long destroy = RawCalls.address("posix_spawn_file_actions_destroy");
  private final long addDup2 = RawCalls.address("posix_spawn_file_actions_adddup2");
  private final long addClose = RawCalls.address("posix_spawn_file_actions_addclose");
  // glibc 2.34
  private final long addCloseFrom = RawCalls.address("posix_spawn_file_actions_addclosefrom_np");

  ChildDescriptors(RawCalls raw) {
    this.raw = raw;
  }

  /** Returns the address of a list of actions, empty. */
  long prepare(Scratch memory) {
    long actions = memory.take(BYTES).address();
    raw.invoke(init, actions, 0, 0, 0, 0, 0);
    return actions;
  }

  /** Gives back what the actions took. */
  void destroy(long actions) {
    raw.invoke(destroy, actions, 0, 0, 0, 0, 0);
  }

  /**
   * Adds what brings about that the child has the wanted descriptors and no other.
   *
   * @param wanted our descriptor for each number
   * @return 0 or an errno
   */
  int add(long actions, Map<Integer, Integer> wanted) {
    if (addCloseFrom == 0) {
      return Errno.ENOSYS.number();
    }
    int highest = -1;
    int free = 0;
    for (Map.Entry<Integer, Integer> entry : wanted.entrySet()) {
      highest = Math.max(highest, entry.getKey());
      free = Math.max(free, Math.max(entry.getKey(), entry.getValue()) + 1);
    }
    // First out of the way, so that no target is the source of a later one.
    int errno = 0;
    int safe = free;
    for (int own : wanted.values()) {
      errno |= raw.invoke(addDup2, actions, own, safe++, 0, 0, 0);
    }
    safe = free;
    for (int number : wanted.keySet()) {
      errno |= raw.invoke(addDup2, actions, safe++, number, 0, 0, 0);
    }
    for (int number = 0; number < highest; number++) {
      if (!wanted.containsKey(number)) {
        errno |= raw.invoke(addClose, actions, number, 0, 0, 0, 0);
      }
    }
    errno |= raw.invoke(addCloseFrom, actions, highest + 1, 0, 0, 0, 0);
    // Each gives 0, or one of EBADF and ENOMEM, of which the caller can make the same.
    return errno == 0 ? 0 : Errno.EBADF.number();
  }
}
