// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.trust;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * The owner that a user namespace shows for all users of the host whom it does not know,
 * user_namespaces(7): the host's root among them, so that without it nothing could be trusted
 * there. Whoever is root in such a namespace has no more power over the host than the user who made
 * it.
 */
final class UnmappedOwner {
  private static final Path MAP = Path.of("/proc/self/uid_map");
  private static final Path OVERFLOW = Path.of("/proc/sys/kernel/overflowuid");
  private static final String EVERYBODY = "0 0 4294967295";

  private UnmappedOwner() {}

  /** Returns the owner, or empty in the host's own user namespace, which knows everybody. */
  static OptionalInt ofThisProcess() {
    // In one read each: a second one of a sysctl file begins at its end, whatever the first left.
    try (BufferedReader map = Files.newBufferedReader(MAP);
        BufferedReader overflow = Files.newBufferedReader(OVERFLOW)) {
      return of(map.readLine(), overflow.readLine());
    } catch (IOException noUserNamespaces) {
      return OptionalInt.empty();
    }
  }

  static OptionalInt of(String map, String overflow) {
    return map.strip().replaceAll("\\s+", " ").equals(EVERYBODY)
        ? OptionalInt.empty()
        : OptionalInt.of(Integer.parseInt(overflow.strip()));
  }
}
