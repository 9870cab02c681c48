// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.host;

/**
 * What the kernel has at 0xffffffffff600000, where programs of x86-64 before glibc 2.14 call
 * gettimeofday(2) and time(2) (Documentation/admin-guide/kernel-parameters.txt, {@code vsyscall=}).
 */
public enum Vsyscall {
  /** Nothing: such a program dies of SIGSEGV. */
  NONE,
  /** A page that can be executed, not read. */
  XONLY,
  /** A page that can be executed and read. */
  EMULATE;

  /**
   * Reads the mode from the maps of a process of x86-64.
   *
   * @param maps the text of /proc/self/maps
   */
  public static Vsyscall ofMaps(String maps) {
    for (String line : maps.split("\n")) {
      if (line.endsWith("[vsyscall]")) {
        return line.contains(" r") ? EMULATE : XONLY;
      }
    }
    return NONE;
  }
}
