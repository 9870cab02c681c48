// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.util.Arrays;
import java.util.Optional;

/** A resource limit of a command, see getrlimit(2). */
public enum Limit {
  /** Processor time in seconds; past it the kernel sends {@code SIGKILL}. */
  CPU_SECONDS(0, "cpu", "seconds of processor time"),
  /** The size of a file that it writes, in bytes. */
  FILE_BYTES(1, "fsize", "the bytes of a file"),
  /** The size of a core dump, in bytes. */
  CORE_BYTES(4, "core", "the bytes of a core dump"),
  /** The processes and threads of its user, also those outside the image; not for root. */
  PROCESSES(6, "nproc", "the processes of the user"),
  /** The open files. */
  OPEN_FILES(7, "nofile", "open files"),
  /** The size of its address space, in bytes. */
  ADDRESS_SPACE_BYTES(9, "as", "the bytes of address space");

  private final int resource;
  private final String word;
  private final String what;

  Limit(int resource, String word, String what) {
    this.resource = resource;
    this.word = word;
    this.what = what;
  }

  /** Returns the kernel's number of the resource, the same on x86-64 and AArch64. */
  public int resource() {
    return resource;
  }

  /** Returns the name of prlimit(1), {@code nofile} for example. */
  public String word() {
    return word;
  }

  /** Returns what is limited, for a sentence that begins with "limit". */
  public String what() {
    return what;
  }

  /** Returns the resource of a name of prlimit(1), or empty if it is none of these. */
  public static Optional<Limit> of(String word) {
    return Arrays.stream(values()).filter(limit -> limit.word.equals(word)).findFirst();
  }
}
