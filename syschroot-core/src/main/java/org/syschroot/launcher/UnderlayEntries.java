// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.mountplan.AddedMountPoint;
import org.syschroot.mountplan.RootLayers;
import org.syschroot.mountplan.UnderlayDirectory;
import org.syschroot.mountplan.UnderlayDirectory.Entry;
import org.syschroot.path.OsString;

/**
 * The entries that make the root directory with the mount points that the tree lacks where the
 * kernel has just refused overlayfs: a tmpfs, in which what the tree has is bound. All calls are of
 * Linux 5.6 and older; links of the tree are not followed.
 */
final class UnderlayEntries {
  private static final int MODE_OF_DIRECTORY = 0755;
  private static final int REGULAR_FILE = 0100644;
  private static final int SIZE_OF_OPEN_HOW = 24;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 0x04; // linux/mount.h
  private static final long HIDDEN = MountFlags.MS_NOSUID | MountFlags.MS_NODEV;
  private static final long READ_ONLY =
      MountFlags.MS_REMOUNT | MountFlags.MS_BIND | MountFlags.MS_RDONLY;

  private final TableBuilder table;
  private final Constants constants;
  private final int directoryFlag;
  private final long restrictions;

  /**
   * Creates the entries.
   *
   * @param restrictions the flags of mount(2) for what is bound
   */
  UnderlayEntries(TableBuilder table, Constants constants, int directoryFlag, long restrictions) {
    this.table = table;
    this.constants = constants;
    this.directoryFlag = directoryFlag;
    this.restrictions = restrictions;
  }

  /**
   * Writes them.
   *
   * @param from the directory of the current one where the tree is attached
   * @param to the directory of the current one that is mounted on
   */
  void add(RootLayers layers, String from, String to, Mark failed) {
    table.store(
        Operand.FOURTH, Operand.number((int) HIDDEN), constants.string(OsString.of("mode=0755")));
    table.call(
        SystemCall.MOUNT,
        failed,
        constants.string(layers.source()),
        constants.string(to),
        constants.string("tmpfs"));
    for (UnderlayDirectory directory : layers.underlay()) {
      add(directory, from, to, failed);
    }
    for (AddedMountPoint point : layers.skeletonInUnderlay()) {
      OsString path = OsString.of(to).plus(point.place().value());
      make(path, point.ofDirectory(), failed);
      if (point.ofDirectory()) {
        setMode(path, MODE_OF_DIRECTORY, failed);
      }
    }
    makeReadOnly(OsString.of(to), HIDDEN, failed);
    makeReadOnly(OsString.of("."), HIDDEN, failed);
  }

  private void add(UnderlayDirectory directory, String from, String to, Mark failed) {
    boolean isRoot = directory.place().names().isEmpty();
    OsString suffix = isRoot ? OsString.of("") : directory.place().value();
    OsString path = OsString.of(to).plus(suffix);
    if (!isRoot) {
      make(path, true, failed);
    }
    // In a user namespace most owners are unknown.
    table.store(Operand.FOURTH, table.value(constants, directory.gid()), Operand.ZERO);
    table.call(
        SystemCall.FCHOWNAT,
        null,
        Operand.AT_FDCWD,
        constants.string(path),
        table.value(constants, directory.uid()));
    setMode(path, directory.permissions(), failed);
    open(OsString.of(from).plus(suffix), failed);
    for (Entry entry : directory.entries()) {
      OsString place = path.plus(OsString.of("/")).plus(entry.name());
      if (entry.kind() == UnderlayDirectory.Kind.LINK) {
        table.call(
            SystemCall.SYMLINKAT,
            failed,
            constants.string(entry.text()),
            Operand.AT_FDCWD,
            constants.string(place));
      } else {
        make(place, entry.kind() == UnderlayDirectory.Kind.DIRECTORY, failed);
        bind(entry.name(), place, failed);
      }
    }
    table.call(SystemCall.CLOSE, null, Operand.TARGET);
  }

  /** Leaves a directory of the tree in the target's word. */
  private void open(OsString path, Mark failed) {
    ByteBuffer how = ByteBuffer.allocate(SIZE_OF_OPEN_HOW).order(ByteOrder.LITTLE_ENDIAN);
    how.putLong(OpenFlags.O_PATH | OpenFlags.O_CLOEXEC | directoryFlag);
    how.putLong(0).putLong(OpenFlags.RESOLVE_NO_SYMLINKS);
    table.store(Operand.FOURTH, Operand.number(SIZE_OF_OPEN_HOW), Operand.ZERO);
    table.call(
        SystemCall.OPENAT2,
        failed,
        Operand.AT_FDCWD,
        constants.string(path),
        constants.block(how.array()));
    table.store(Operand.TARGET_WORD, Operand.RESULT);
  }

  private void bind(OsString name, OsString place, Mark failed) {
    table.call(
        SystemCall.OPEN_TREE,
        failed,
        Operand.TARGET,
        constants.string(name),
        Operand.number(
            MountFlags.OPEN_TREE_CLONE
                | MountFlags.OPEN_TREE_CLOEXEC
                | MountFlags.AT_RECURSIVE
                | MountFlags.AT_SYMLINK_NOFOLLOW));
    table.store(Operand.TREE_WORD, Operand.RESULT);
    table.store(Operand.FOURTH, constants.string(place), Operand.number(MOVE_MOUNT_F_EMPTY_PATH));
    table.call(SystemCall.MOVE_MOUNT, failed, Operand.TREE, constants.string(""), Operand.AT_FDCWD);
    table.call(SystemCall.CLOSE, null, Operand.TREE);
    makeReadOnly(place, restrictions, failed);
  }

  private void makeReadOnly(OsString mount, long further, Mark failed) {
    table.store(Operand.FOURTH, Operand.number((int) (READ_ONLY | further)), Operand.ZERO);
    table.call(SystemCall.MOUNT, failed, Operand.ZERO, constants.string(mount), Operand.ZERO);
  }

  private void make(OsString path, boolean ofDirectory, Mark failed) {
    if (ofDirectory) {
      table.call(
          SystemCall.MKDIRAT,
          failed,
          Operand.AT_FDCWD,
          constants.string(path),
          Operand.number(MODE_OF_DIRECTORY));
    } else {
      table.store(Operand.FOURTH, Operand.ZERO, Operand.ZERO);
      table.call(
          SystemCall.MKNODAT,
          failed,
          Operand.AT_FDCWD,
          constants.string(path),
          Operand.number(REGULAR_FILE));
    }
  }

  /** Whatever the caller's umask is. */
  private void setMode(OsString path, int mode, Mark failed) {
    table.call(
        SystemCall.FCHMODAT,
        failed,
        Operand.AT_FDCWD,
        constants.string(path),
        Operand.number(mode));
  }
}
