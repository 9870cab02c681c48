// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

/** A resource of which a command may be given less than this JVM has, see getrlimit(2). */
public enum Limit {
  /** Processor time in seconds; past it the kernel sends {@code SIGKILL}. */
  CPU_SECONDS(0),
  /** The size of a file that it writes, in bytes. */
  FILE_BYTES(1),
  /** The size of a core dump, in bytes. */
  CORE_BYTES(4),
  /** The processes and threads of its user, also those outside the image; not for root. */
  PROCESSES(6),
  /** The open files. */
  OPEN_FILES(7),
  /** The size of its address space, in bytes. */
  ADDRESS_SPACE_BYTES(9);

  private final int resource;

  Limit(int resource) {
    this.resource = resource;
  }

  /** Returns the kernel's number of the resource, the same on x86-64 and AArch64. */
  int resource() {
    return resource;
  }
}
