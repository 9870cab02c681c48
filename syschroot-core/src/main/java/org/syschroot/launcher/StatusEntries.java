// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;

/** The entries that look at files, and compare what the kernel says of them. */
final class StatusEntries {
  static final Operand FILE = new Operand(Base.FRAME, Base.STATUS_OF_FILE);
  static final Operand DIRECTORY = new Operand(Base.FRAME, Base.STATUS_OF_DIRECTORY);
  static final int AT_NO_AUTOMOUNT = 0x800;
  static final int AT_STATX_DONT_SYNC = 0x4000;

  private static final int AT_FDCWD = Kernel.AT_FDCWD;

  /** STATX_TYPE, STATX_MODE, STATX_UID and STATX_INO. */
  private static final int WANTED = 0x10b;

  // Offsets in struct statx, linux/stat.h.
  private static final int ATTRIBUTES = 0x08;
  private static final int UID = 0x14;
  private static final int MODE = 0x1c;
  private static final int INODE = 0x20;
  private static final int ATTRIBUTES_MASK = 0x38;
  private static final int DEVICE = 0x88;

  // An offset in struct statfs, asm-generic/statfs.h with 64-bit words; the first word is the type.
  private static final int ID = 56;

  private static final int STATX_ATTR_MOUNT_ROOT = 0x2000;
  private static final int S_IFMT = 0170000;
  private static final int S_IFDIR = 0040000;
  private static final int S_IWGRP_OR_OTH = 0022;

  private final TableBuilder table;
  private final Constants constants;

  StatusEntries(TableBuilder table, Constants constants) {
    this.table = table;
    this.constants = constants;
  }

  /** Looks at a file; {@link #end} must follow before calls that take four or five arguments. */
  void statx(Operand path, int flags, Operand into, @Nullable Mark onFailure) {
    statx(path, flags, into, null, onFailure);
  }

  void statx(
      Operand path, int flags, Operand into, @Nullable Mark onSuccess, @Nullable Mark onFailure) {
    table.store(Operand.FOURTH, Operand.number(WANTED), into);
    table.call(
        SystemCall.STATX,
        onSuccess,
        onFailure,
        Operand.number(AT_FDCWD),
        path,
        Operand.number(flags));
  }

  void end() {
    table.store(Operand.FOURTH, Operand.ZERO, Operand.ZERO);
  }

  /** Goes to a mark unless {@link #FILE} is a directory that only one user can modify. */
  void requireAlone(int owner, Mark otherwise) {
    Operand uid = table.value(constants, Integer.toUnsignedLong(owner));
    table.act(Action.BITS, null, otherwise, FILE.plus(UID), Operand.ALL_BITS, uid);
    table.act(
        Action.BITS,
        null,
        otherwise,
        FILE.plus(MODE),
        Operand.number(S_IFMT | S_IWGRP_OR_OTH),
        Operand.number(S_IFDIR));
  }

  /** Goes to a mark unless a path, which {@link #FILE} is of, leads to a known directory. */
  void requireIdentity(Operand path, DirectoryIdentity known, Mark otherwise) {
    requireWord(INODE, known.inode(), otherwise);
    table.call(SystemCall.STATFS, otherwise, path, FILE);
    requireWord(0, known.fileSystem(), otherwise);
    known.id().ifPresent(id -> requireWord(ID, id, otherwise));
  }

  private void requireWord(int offset, long value, Mark otherwise) {
    table.act(Action.EQUAL, null, otherwise, FILE.plus(offset), constants.word(value));
  }

  /** Goes to a mark unless a path leads to a known file, since the last boot. */
  void requireFile(Operand path, FileStatus known, Mark otherwise) {
    statx(path, 0, FILE, otherwise);
    requireWord(INODE, known.inode(), otherwise);
    // Two words of 32 bits, the major number first.
    requireWord(DEVICE, Long.rotateLeft(known.device(), Integer.SIZE), otherwise);
  }

  /** Goes to a mark unless {@link #FILE} and {@link #DIRECTORY} are the same file. */
  void requireSame(Mark otherwise) {
    table.act(Action.EQUAL, null, otherwise, FILE.plus(INODE), DIRECTORY.plus(INODE));
    table.act(Action.EQUAL, null, otherwise, FILE.plus(DEVICE), DIRECTORY.plus(DEVICE));
  }

  /** Goes to one of three marks, by whether {@link #FILE} is the root of a mount. */
  void mountRoot(Mark yes, Mark no, Mark kernelDoesNotTell) {
    Operand bit = Operand.number(STATX_ATTR_MOUNT_ROOT);
    table.act(Action.BITS, null, kernelDoesNotTell, FILE.plus(ATTRIBUTES_MASK), bit, bit);
    table.act(Action.BITS, yes, no, FILE.plus(ATTRIBUTES), bit, bit);
  }
}
