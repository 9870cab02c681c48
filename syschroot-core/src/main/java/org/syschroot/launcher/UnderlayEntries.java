// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.mounting.AddedMountPoint;
import org.syschroot.mounting.RootLayers;
import org.syschroot.mounting.UnderlayDirectory;
import org.syschroot.mounting.UnderlayDirectory.Entry;
import org.syschroot.path.OsString;

/**
 * The entries that make the root directory with the mount points that the tree lacks where the
 * kernel has just refused overlayfs: a tmpfs, in which what the tree has is bound. Links of the
 * tree are not followed.
 */
final class UnderlayEntries {
  private static final int SIZE_OF_OPEN_HOW = 24;
  private static final long HIDDEN = MountFlags.MS_NOSUID | MountFlags.MS_NODEV;

  private final TableBuilder table;
  private final Constants constants;
  private final RootPieces pieces;
  private final int directoryFlag;
  private final long restrictions;

  /**
   * Creates the entries.
   *
   * @param restrictions the flags of mount(2) for what is bound
   */
  UnderlayEntries(
      TableBuilder table,
      Constants constants,
      RootPieces pieces,
      int directoryFlag,
      long restrictions) {
    this.table = table;
    this.constants = constants;
    this.pieces = pieces;
    this.directoryFlag = directoryFlag;
    this.restrictions = restrictions;
  }

  /**
   * Writes them.
   *
   * @param from the directory of the current one where the tree is attached
   * @param to the directory of the current one that is mounted on
   */
  void add(RootLayers layers, OsString from, OsString to, Mark failed) {
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
      OsString path = to.plus(point.place().value());
      make(path, point.ofDirectory(), failed);
      if (point.ofDirectory()) {
        pieces.setMode(path, RootPieces.MODE_OF_DIRECTORY, failed);
      }
    }
    pieces.makeReadOnly(to, HIDDEN, failed);
    pieces.makeReadOnly(OsString.of("."), HIDDEN, failed);
  }

  private void add(UnderlayDirectory directory, OsString from, OsString to, Mark failed) {
    boolean isRoot = directory.place().names().isEmpty();
    OsString suffix = isRoot ? OsString.of("") : directory.place().value();
    OsString path = to.plus(suffix);
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
    pieces.setMode(path, directory.permissions(), failed);
    open(from.plus(suffix), failed);
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
    pieces.attach(Operand.TREE, place, failed);
    table.call(SystemCall.CLOSE, null, Operand.TREE);
    pieces.makeReadOnly(place, restrictions, failed);
  }

  private void make(OsString path, boolean ofDirectory, Mark failed) {
    if (ofDirectory) {
      pieces.makeDirectory(path, failed);
    } else {
      pieces.makeFile(path, failed);
    }
  }
}
