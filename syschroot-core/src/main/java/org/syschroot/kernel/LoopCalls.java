// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import org.syschroot.path.OsString;

/** The calls for loop devices, loop(4). Implementations are thread-safe. */
public interface LoopCalls {
  /**
   * A loop device that shows a file as a block device.
   *
   * @param fd a descriptor of the device, which the caller closes. When it is closed and nothing is
   *     mounted from the device any more, the kernel frees it, however the process has ended
   * @param path its path, such as {@code /dev/loop0}
   */
  record Device(int fd, OsString path) {}

  /**
   * Attaches a file to a free loop device, read-only, {@code LOOP_CONFIGURE} (Linux 5.8) with
   * {@code LO_FLAGS_READ_ONLY} and {@code LO_FLAGS_AUTOCLEAR}.
   *
   * @param file a descriptor of the file, open for reading
   * @throws KernelException if it fails; {@code EACCES} or {@code EPERM} without root's privileges,
   *     {@code ENOENT} where the kernel has no loop devices
   */
  Device attach(int file) throws KernelException;
}
