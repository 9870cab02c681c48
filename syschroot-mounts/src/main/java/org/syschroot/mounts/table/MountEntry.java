// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.table;

import java.util.List;
import java.util.OptionalInt;
import org.syschroot.path.HostPath;
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
  private static final OsString SHARED = OsString.of("shared:");
  private static final OsString MASTER = OsString.of("master:");

  /** Copies the list. */
  public MountEntry {
    optionalFields = List.copyOf(optionalFields);
  }

  /**
   * Returns the peer group that this mount is in: mounts and unmounts appear in all mounts of the
   * group. Empty unless it is shared.
   */
  public OptionalInt peerGroup() {
    return number(SHARED);
  }

  /** Returns the peer group whose mounts and unmounts appear here. Empty unless it is a slave. */
  public OptionalInt masterGroup() {
    return number(MASTER);
  }

  private OptionalInt number(OsString tag) {
    for (OsString field : optionalFields) {
      if (field.startsWith(tag)) {
        String digits = field.slice(tag.length(), field.length()).toString();
        return digits.matches("[0-9]{1,9}")
            ? OptionalInt.of(Integer.parseInt(digits))
            : OptionalInt.empty();
      }
    }
    return OptionalInt.empty();
  }

  /** Returns what is mounted, for people to read: {@code server:/home (nfs4)}. */
  public String shown() {
    return (source.isEmpty() ? type : source) + " (" + type + ")";
  }

  /** Returns whether this is another view of what that mount shows: the same directory. */
  public boolean showsTheSameAs(MountEntry other) {
    return device.equals(other.device) && root.equals(other.root);
  }

  /**
   * Returns where a path lies in the file system that is mounted here.
   *
   * @param path a path at or beneath the target
   */
  public OsString inFileSystem(OsString path) {
    OsString relative = HostPath.of(path).relativeTo(HostPath.of(target));
    return relative.isEmpty() ? root : HostPath.of(root).resolve(relative).value();
  }

  /** Returns whether one of the comma-separated per-mount options is this word. */
  public boolean hasOption(String word) {
    return List.of(options.toString().split(",")).contains(word);
  }
}
