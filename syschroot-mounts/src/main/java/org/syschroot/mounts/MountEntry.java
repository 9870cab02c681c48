// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.util.List;
import org.syschroot.path.OsString;

/**
 * One line of mountinfo, proc_pid_mountinfo(5), with its octal escapes undone. Immutable.
 *
 * @param id the number of the mount
 * @param parent the number of the mount it is mounted on
 * @param device {@code major:minor} of the file system
 * @param root which directory of the file system is mounted
 * @param target where, relative to the process's root directory
 * @param options per-mount options
 * @param optionalFields propagation, such as {@code shared:1} or {@code master:2}
 * @param type the file system type
 * @param source what is mounted, as the file system names it; may be empty
 * @param superOptions options of the file system
 */
public record MountEntry(
    int id,
    int parent,
    OsString device,
    OsString root,
    OsString target,
    OsString options,
    List<OsString> optionalFields,
    OsString type,
    OsString source,
    OsString superOptions) {
  /** Copies the list. */
  public MountEntry {
    optionalFields = List.copyOf(optionalFields);
  }
}
