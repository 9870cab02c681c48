// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
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
final class MountEntries {
  private static final int FAILED = 125;
  private static final Operand ZERO = Operand.number(0);
  private static final Operand RESULT = new Operand(Base.RESULT, 0);
  private static final Operand TREE = new Operand(Base.TREE, 0);
  private static final Operand TREE_WORD = new Operand(Base.FRAME, Base.TREE.inFrame());
  private static final Operand TARGET = new Operand(Base.TARGET, 0);
  private static final Operand TARGET_WORD = new Operand(Base.FRAME, Base.TARGET.inFrame());
  private static final Operand FOURTH = new Operand(Base.FRAME, Base.FOURTH.inFrame());
  private static final Operand AT_FDCWD = Operand.number(Kernel.AT_FDCWD);

  // linux/mount.h
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 0x04;
  private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
  private static final int FSOPEN_CLOEXEC = 1;
  private static final int FSMOUNT_CLOEXEC = 1;
  private static final int FSCONFIG_SET_FLAG = 0;
  private static final int FSCONFIG_SET_STRING = 1;
  private static final int FSCONFIG_CMD_CREATE = 6;

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
              public @Nullable Void tmpfs(TmpfsMount tmpfs) {
                addTmpfs(tmpfs);
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
        AT_FDCWD,
        constants.string(bind.source().value()),
        Operand.number(MountFlags.OPEN_TREE_CLONE | MountFlags.OPEN_TREE_CLOEXEC | recursive));
    table.store(TREE_WORD, RESULT);
    table.store(FOURTH, attributes(bind), Operand.number(SIZE_OF_MOUNT_ATTR));
    table.call(
        SystemCall.MOUNT_SETATTR,
        failed,
        TREE,
        constants.string(""),
        Operand.number(MountFlags.AT_EMPTY_PATH | recursive));
    attach(bind.target(), ofDirectory, bind.optional() ? done : null);
    if (bind.optional()) {
      table.place(unopened);
      table.act(Action.SAME, done, failed, new Operand(Base.RESULT, Errno.ENOENT.number()), ZERO);
      table.place(done);
    }
  }

  private Operand attributes(BindMount bind) {
    ByteBuffer attributes = ByteBuffer.allocate(SIZE_OF_MOUNT_ATTR).order(ByteOrder.LITTLE_ENDIAN);
    attributes.putLong(
        bind.options().stream().mapToLong(one -> ATTRIBUTES.getOrDefault(one, 0L)).sum());
    attributes.putLong(0).putLong(PROPAGATIONS.get(bind.propagation()));
    return constants.block(attributes.array());
  }

  /** Attaches {@link #TREE} in the image and closes what was opened. */
  private void attach(ImagePath target, boolean ofDirectory, @Nullable Mark done) {
    Mark failed = messages.failure("cannot mount on " + target + " in the image", FAILED);
    ByteBuffer how = ByteBuffer.allocate(SIZE_OF_OPEN_HOW).order(ByteOrder.LITTLE_ENDIAN);
    int flags = OpenFlags.O_PATH | OpenFlags.O_CLOEXEC | (ofDirectory ? directoryFlag : 0);
    how.putLong(flags).putLong(0).putLong(resolve);
    Operand nothing = constants.string("");
    table.store(FOURTH, Operand.number(SIZE_OF_OPEN_HOW));
    table.call(
        SystemCall.OPENAT2,
        failed,
        AT_FDCWD,
        constants.string(target.value()),
        constants.block(how.array()));
    table.store(TARGET_WORD, RESULT);
    table.store(FOURTH, nothing, Operand.number(MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
    table.call(SystemCall.MOVE_MOUNT, failed, TREE, nothing, TARGET);
    table.call(SystemCall.CLOSE, null, TARGET);
    Mark next = done == null ? new Mark() : done;
    table.call(SystemCall.CLOSE, next, next, TREE);
    if (done == null) {
      table.place(next);
    }
  }

  private void addTmpfs(TmpfsMount tmpfs) {
    table.step("mount " + tmpfs);
    Mark failed = messages.failure("cannot mount a tmpfs for " + tmpfs.target(), FAILED);
    table.call(
        SystemCall.FSOPEN, failed, constants.string("tmpfs"), Operand.number(FSOPEN_CLOEXEC));
    table.store(TARGET_WORD, RESULT);
    if (asRoot) {
      // Without them it would be the caller's, who could make what root's programs trust in it.
      own("uid", failed);
      own("gid", failed);
    }
    for (OsString option : tmpfs.data().splitAt(',')) {
      if (!option.isEmpty()) {
        configure(option, failed);
      }
    }
    table.store(FOURTH, ZERO, ZERO);
    table.call(SystemCall.FSCONFIG, failed, TARGET, Operand.number(FSCONFIG_CMD_CREATE), ZERO);
    table.call(
        SystemCall.FSMOUNT,
        failed,
        TARGET,
        Operand.number(FSMOUNT_CLOEXEC),
        Operand.number((int) (MountFlags.MOUNT_ATTR_NOSUID | MountFlags.MOUNT_ATTR_NODEV)));
    table.store(TREE_WORD, RESULT);
    table.call(SystemCall.CLOSE, null, TARGET);
    attach(tmpfs.target(), true, null);
  }

  /** Has it belong to root, but where root is nobody: in a user namespace for lack of privilege. */
  private void own(String id, Mark failed) {
    Mark refused = new Mark();
    Mark done = new Mark();
    table.store(FOURTH, constants.string("0"), ZERO);
    Operand set = Operand.number(FSCONFIG_SET_STRING);
    table.call(SystemCall.FSCONFIG, done, refused, TARGET, set, constants.string(id));
    table.place(refused);
    Operand unknown = new Operand(Base.RESULT, Errno.EINVAL.number());
    table.act(Action.SAME, done, failed, unknown, ZERO);
    table.place(done);
  }

  private void configure(OsString option, Mark failed) {
    int equals = option.indexOf('=');
    OsString key = equals < 0 ? option : option.slice(0, equals);
    Operand value = equals < 0 ? ZERO : constants.string(option.slice(equals + 1, option.length()));
    table.store(FOURTH, value, ZERO);
    table.call(
        SystemCall.FSCONFIG,
        failed,
        TARGET,
        Operand.number(equals < 0 ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING),
        constants.string(key));
  }

  /** Adds mounts in their order, and sets the further arguments of system calls to 0 again. */
  void addAll(List<MountSelection.Mount> all) {
    all.forEach(this::add);
    if (!all.isEmpty()) {
      end();
    }
  }

  void end() {
    table.store(FOURTH, ZERO, ZERO);
  }
}
