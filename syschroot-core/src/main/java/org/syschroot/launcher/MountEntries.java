// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Machine;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStep;
import org.syschroot.mountplan.Propagation;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * The entries that mount in the image, whose root directory is the current directory. A place is
 * resolved as if that were the root directory, held by a descriptor, and mounted on by it: so no
 * symbolic link in an image leads out of it. Needs Linux 5.12.
 */
@SuppressWarnings("NullAway") // a Void is null
final class MountEntries {
  private static final int FAILED = 125;

  // linux/mount.h
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 0x04;
  private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;

  private static final int SIZE_OF_MOUNT_ATTR = 32;
  private static final int SIZE_OF_OPEN_HOW = 24;

  private static final Map<MountOption, Long> ATTRIBUTES =
      Map.of(
          MountOption.READ_ONLY, MountFlags.MOUNT_ATTR_RDONLY,
          MountOption.NOSUID, MountFlags.MOUNT_ATTR_NOSUID,
          MountOption.NODEV, MountFlags.MOUNT_ATTR_NODEV,
          MountOption.NOEXEC, MountFlags.MOUNT_ATTR_NOEXEC);
  private static final Map<Propagation, Long> PROPAGATIONS =
      Map.of(
          Propagation.PRIVATE, MountFlags.MS_PRIVATE,
          Propagation.SLAVE, MountFlags.MS_SLAVE,
          Propagation.SHARED, MountFlags.MS_SHARED);

  private final TableBuilder table;
  private final Constants constants;
  private final Messages messages;
  private final TmpfsEntries tmpfs;
  private final int directoryFlag;
  private final int resolve;
  private final boolean asRoot;

  /**
   * Creates the entries.
   *
   * @param asRoot whether the caller is an ordinary user and the right to mount is root's: then a
   *     symbolic link on the way to a place is refused, and what is new belongs to root
   */
  MountEntries(
      TableBuilder table, Constants constants, Messages messages, Machine machine, boolean asRoot) {
    this.table = table;
    this.constants = constants;
    this.messages = messages;
    this.tmpfs = new TmpfsEntries(table, constants);
    this.directoryFlag = OpenFlags.directory(machine);
    this.resolve =
        OpenFlags.RESOLVE_IN_ROOT
            | OpenFlags.RESOLVE_NO_MAGICLINKS
            | (asRoot ? OpenFlags.RESOLVE_NO_SYMLINKS : 0);
    this.asRoot = asRoot;
  }

  void add(MountSelection.Mount mount) {
    mount
        .step()
        .accept(
            new MountStep.Visitor<@Nullable Void, RuntimeException>() {
              @Override
              public @Nullable Void bind(BindMount bind) {
                addBind(bind, mount.ofDirectory());
                return null;
              }

              @Override
              public @Nullable Void tmpfs(TmpfsMount mount) {
                addTmpfs(mount);
                return null;
              }
            });
  }

  private void addBind(BindMount bind, boolean ofDirectory) {
    table.step("mount " + bind);
    Mark done = new Mark();
    Mark failed = messages.failure("cannot mount " + bind.source(), FAILED);
    Mark unopened = bind.optional() ? new Mark() : failed;
    int recursive = bind.recursive() ? MountFlags.AT_RECURSIVE : 0;
    table.call(
        SystemCall.OPEN_TREE,
        unopened,
        Operand.AT_FDCWD,
        constants.string(bind.source().value()),
        Operand.number(MountFlags.OPEN_TREE_CLONE | MountFlags.OPEN_TREE_CLOEXEC | recursive));
    table.store(Operand.TREE_WORD, Operand.RESULT);
    table.store(Operand.FOURTH, attributes(bind), Operand.number(SIZE_OF_MOUNT_ATTR));
    table.call(
        SystemCall.MOUNT_SETATTR,
        failed,
        Operand.TREE,
        constants.string(""),
        Operand.number(MountFlags.AT_EMPTY_PATH | recursive));
    attach(bind.target(), ofDirectory, bind.optional() ? done : null);
    if (bind.optional()) {
      table.place(unopened);
      table.act(
          Action.SAME, done, failed, new Operand(Base.RESULT, Errno.ENOENT.number()), Operand.ZERO);
      table.place(done);
    }
  }

  private Operand attributes(BindMount bind) {
    ByteBuffer attributes = ByteBuffer.allocate(SIZE_OF_MOUNT_ATTR).order(ByteOrder.LITTLE_ENDIAN);
    attributes.putLong(
        bind.options().stream().mapToLong(one -> ATTRIBUTES.getOrDefault(one, 0L)).sum());
    attributes.putLong(0).putLong(Objects.requireNonNull(PROPAGATIONS.get(bind.propagation())));
    return constants.block(attributes.array());
  }

  /** Attaches {@link Operand#TREE} in the image and closes what was opened. */
  private void attach(ImagePath target, boolean ofDirectory, @Nullable Mark done) {
    Mark failed = messages.failure("cannot mount on " + target + " in the image", FAILED);
    ByteBuffer how = ByteBuffer.allocate(SIZE_OF_OPEN_HOW).order(ByteOrder.LITTLE_ENDIAN);
    int flags = OpenFlags.O_PATH | OpenFlags.O_CLOEXEC | (ofDirectory ? directoryFlag : 0);
    how.putLong(flags).putLong(0).putLong(resolve);
    Operand nothing = constants.string("");
    table.store(Operand.FOURTH, Operand.number(SIZE_OF_OPEN_HOW));
    table.call(
        SystemCall.OPENAT2,
        failed,
        Operand.AT_FDCWD,
        constants.string(target.value()),
        constants.block(how.array()));
    table.store(Operand.TARGET_WORD, Operand.RESULT);
    table.store(
        Operand.FOURTH, nothing, Operand.number(MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
    table.call(SystemCall.MOVE_MOUNT, failed, Operand.TREE, nothing, Operand.TARGET);
    table.call(SystemCall.CLOSE, null, Operand.TARGET);
    Mark next = done == null ? new Mark() : done;
    table.call(SystemCall.CLOSE, next, next, Operand.TREE);
    if (done == null) {
      table.place(next);
    }
  }

  private void addTmpfs(TmpfsMount mount) {
    table.step("mount " + mount);
    Mark failed = messages.failure("cannot mount a tmpfs for " + mount.target(), FAILED);
    tmpfs.open(failed);
    if (asRoot) {
      // Without them it would be the caller's, who could make what root's programs trust in it.
      own("uid", failed);
      own("gid", failed);
    }
    for (OsString option : mount.data().splitAt(',')) {
      if (!option.isEmpty()) {
        tmpfs.configure(option, failed);
      }
    }
    tmpfs.create(failed);
    attach(mount.target(), true, null);
  }

  /** Has it belong to root, but where root is nobody: in a user namespace for lack of privilege. */
  private void own(String id, Mark failed) {
    Mark refused = new Mark();
    Mark done = new Mark();
    tmpfs.configure(OsString.of(id), OsString.of("0"), done, refused);
    table.place(refused);
    Operand unknown = new Operand(Base.RESULT, Errno.EINVAL.number());
    table.act(Action.SAME, done, failed, unknown, Operand.ZERO);
    table.place(done);
  }

  /** Adds mounts in their order, and sets the further arguments of system calls to 0 again. */
  void addAll(List<MountSelection.Mount> all) {
    all.forEach(this::add);
    if (!all.isEmpty()) {
      end();
    }
  }

  void end() {
    table.store(Operand.FOURTH, Operand.ZERO, Operand.ZERO);
  }
}
