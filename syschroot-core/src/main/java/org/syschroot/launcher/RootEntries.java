// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.Optional;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Machine;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.mounting.AddedMountPoint;
import org.syschroot.mounting.RootLayers;
import org.syschroot.mountplan.Layer;
import org.syschroot.mountplan.MountOption;
import org.syschroot.path.OsString;

/**
 * The entries that make the image's root directory, which is the current directory, a mount point,
 * and the mount point the current directory. No pathname of the host is looked up for it. Needs
 * Linux 5.2.
 */
final class RootEntries {
  private static final int FAILED = 125;
  private static final OsString LOWER = OsString.of("lower");
  private static final OsString POINTS = OsString.of("points");
  private static final OsString UPPER = OsString.of("upper");
  private static final OsString WORK = OsString.of("work");
  private static final OsString ROOT = OsString.of("root");
  private static final OsString HERE = OsString.of(".");

  private final TableBuilder table;
  private final Constants constants;
  private final Messages messages;
  private final TmpfsEntries tmpfs;
  private final RootPieces pieces;
  private final int directoryFlag;

  RootEntries(TableBuilder table, Constants constants, Messages messages, Machine machine) {
    this.table = table;
    this.constants = constants;
    this.messages = messages;
    this.directoryFlag = OpenFlags.directory(machine);
    this.tmpfs = new TmpfsEntries(table, constants);
    this.pieces = new RootPieces(table, constants);
  }

  /**
   * Writes them.
   *
   * @param tree what the image's root directory is like, if that is known
   * @param inUserNamespace whether the program is in a user namespace by then
   */
  void add(RootLayers layers, Optional<FileStatus> tree, boolean inUserNamespace) {
    table.step("mount the image's root");
    Mark failed = messages.failure("cannot mount the image's root", FAILED);
    if (layers.isOverlay()) {
      overlay(layers, tree, inUserNamespace, failed);
    } else {
      bind(layers, failed);
    }
    table.store(Operand.FOURTH, Operand.ZERO, Operand.ZERO);
  }

  private void bind(RootLayers layers, Mark failed) {
    openTree(Operand.TREE_WORD, failed);
    if (!layers.restrictions().isEmpty()) {
      pieces.restrict(
          Operand.TREE, OsString.of(""), MountFlags.AT_EMPTY_PATH, flags(layers), failed);
    }
    pieces.attach(Operand.TREE, HERE, failed);
    enter(failed);
  }

  /** The tree is above the added mount points: what is in both is as it is in the tree. */
  private void overlay(
      RootLayers layers, Optional<FileStatus> tree, boolean inUserNamespace, Mark failed) {
    tmpfs.open(failed);
    tmpfs.configure(OsString.of("source=").plus(layers.source()), failed);
    tmpfs.configure(OsString.of("mode=0755"), failed);
    tmpfs.create(failed);
    openTree(Operand.TARGET_WORD, failed);
    pieces.attach(Operand.TREE, HERE, failed);
    enter(failed);
    pieces.makeDirectory(LOWER, failed);
    pieces.makeDirectory(POINTS, failed);
    pieces.makeDirectory(ROOT, failed);
    for (AddedMountPoint point : layers.skeleton()) {
      OsString path = POINTS.plus(point.place().value());
      if (point.ofDirectory()) {
        pieces.makeDirectory(path, failed);
        pieces.setMode(path, RootPieces.MODE_OF_DIRECTORY, failed);
      } else {
        pieces.makeFile(path, failed);
      }
    }
    pieces.attach(Operand.TARGET, LOWER, failed);
    table.call(SystemCall.CLOSE, null, Operand.TARGET);
    boolean underlay = !layers.underlay().isEmpty();
    Mark refused = new Mark();
    Mark unsupported =
        underlay ? refused : messages.failure(overlayText(layers, inUserNamespace), FAILED);
    StringBuilder points = new StringBuilder("lowerdir=").append(LOWER);
    if (!layers.added().isEmpty()) {
      points.append(':').append(POINTS);
    }
    OsString data = OsString.of(points.toString());
    long readOnly = layers.layer().isPresent() ? 0 : MountFlags.MS_RDONLY;
    if (layers.layer().isPresent()) {
      data = data.plus(OsString.of(writable(layers.layer().get(), tree, inUserNamespace, failed)));
    }
    table.store(
        Operand.FOURTH,
        Operand.number((int) (flags(layers) | readOnly)), // MS_ and MOUNT_ATTR_ bits are the same
        constants.string(data));
    table.call(
        SystemCall.MOUNT,
        unsupported,
        constants.string(layers.source()),
        constants.string(ROOT),
        constants.string("overlay"));
    // The way up from the root directory of a process is open to every other of its user, by
    // /proc, and what is there was made by that user: who could add to it would add to the image.
    // What overlayfs writes to is a mount of its own.
    pieces.makeReadOnly(HERE, 0, failed);
    if (underlay) {
      Mark done = new Mark();
      table.goTo(done);
      table.place(refused);
      new UnderlayEntries(table, constants, pieces, directoryFlag, flags(layers))
          .add(layers, LOWER, ROOT, failed);
      table.place(done);
    }
    table.call(SystemCall.CHDIR, failed, constants.string(ROOT));
  }

  /**
   * What is mounted in the tree is locked in a user namespace, and overlayfs takes no such tree.
   */
  private static String overlayText(RootLayers layers, boolean inUserNamespace) {
    String text = "cannot mount the layers of the image by overlayfs";
    return inUserNamespace && layers.layer().isPresent()
        ? text + " (without root only while nothing is mounted in its tree)"
        : text;
  }

  /** Makes the layer that is written to, and returns what overlayfs is told of it. */
  private String writable(
      Layer layer, Optional<FileStatus> tree, boolean inUserNamespace, Mark failed) {
    if (layer.directory().isPresent()) {
      throw new IllegalArgumentException("a layer that is kept is mounted by syschroot: " + layer);
    }
    pieces.makeDirectory(UPPER, failed);
    // Which overlayfs shows for the root directory.
    if (tree.isPresent() && !inUserNamespace) {
      table.store(Operand.FOURTH, table.value(constants, tree.get().gid()), Operand.ZERO);
      table.call(
          SystemCall.FCHOWNAT,
          failed,
          Operand.AT_FDCWD,
          constants.string(UPPER),
          table.value(constants, tree.get().uid()));
    }
    pieces.setMode(
        UPPER, tree.map(FileStatus::permissions).orElse(RootPieces.MODE_OF_DIRECTORY), failed);
    pieces.makeDirectory(WORK, failed);
    String data = ",upperdir=" + UPPER + ",workdir=" + WORK;
    // In a user namespace overlayfs keeps its notes in attributes that users may set.
    return inUserNamespace ? data + ",userxattr" : data;
  }

  private static long flags(RootLayers layers) {
    long flags = 0;
    for (MountOption option : layers.restrictions()) {
      flags |=
          switch (option) {
            case NOSUID -> MountFlags.MOUNT_ATTR_NOSUID;
            case NODEV -> MountFlags.MOUNT_ATTR_NODEV;
            case NOEXEC -> MountFlags.MOUNT_ATTR_NOEXEC;
            default -> 0;
          };
    }
    return flags;
  }

  /** With what is mounted in it: in a user namespace the kernel shows none of what that covers. */
  private void openTree(Operand word, Mark failed) {
    table.call(
        SystemCall.OPEN_TREE,
        failed,
        Operand.AT_FDCWD,
        constants.string("."),
        Operand.number(
            MountFlags.OPEN_TREE_CLONE | MountFlags.OPEN_TREE_CLOEXEC | MountFlags.AT_RECURSIVE));
    table.store(word, Operand.RESULT);
  }

  private void enter(Mark failed) {
    table.call(SystemCall.FCHDIR, failed, Operand.TREE);
    table.call(SystemCall.CLOSE, null, Operand.TREE);
  }
}
