// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Scratch.Slice;
import org.syschroot.path.OsString;

/** The calls on mounts and namespaces. */
abstract class LinuxMountCalls extends LinuxFileCalls {
  @Override
  public void unshare(int flags) throws KernelException {
    long result = call(SystemCall.UNSHARE, flags);
    if (result < 0) {
      throw failed("unshare", "flags=" + CloneFlags.describe(flags), result);
    }
  }

  @Override
  public void mount(
      @Nullable OsString source,
      OsString target,
      @Nullable OsString type,
      long flags,
      @Nullable OsString data)
      throws KernelException {
    Scratch memory = scratch();
    long result =
        call(
            SystemCall.MOUNT,
            source == null ? 0 : memory.string(source),
            memory.string(target),
            type == null ? 0 : memory.string(type),
            flags,
            data == null ? 0 : memory.string(data));
    if (result < 0) {
      throw failed(
          "mount",
          "source="
              + source
              + ", target="
              + target
              + (type == null ? "" : ", type=" + type)
              + ", flags="
              + MountFlags.describe(flags)
              + (data == null ? "" : ", data=" + data),
          result);
    }
  }

  @Override
  public void umount2(OsString target, int flags) throws KernelException {
    long result = call(SystemCall.UMOUNT2, scratch().string(target), flags, 0, 0);
    if (result < 0) {
      throw failed("umount2", "target=" + target, result);
    }
  }

  @Override
  public int openTree(int directory, OsString path, int flags) throws KernelException {
    long result =
        call(
            SystemCall.OPEN_TREE,
            directory,
            scratch().string(path),
            flags | MountFlags.OPEN_TREE_CLOEXEC,
            0);
    if (result < 0) {
      throw failed(
          "open_tree",
          place(directory, path) + ", flags=" + MountFlags.describeTree(flags),
          result);
    }
    return (int) result;
  }

  @Override
  public void mountSetattr(int directory, OsString path, int flags, long set, long propagation)
      throws KernelException {
    Scratch memory = scratch();
    Slice attributes = memory.take(32);
    attributes.bytes().putLong(0, set);
    attributes.bytes().putLong(8, 0);
    attributes.bytes().putLong(16, propagation);
    attributes.bytes().putLong(24, 0);
    long result =
        call(
            SystemCall.MOUNT_SETATTR,
            directory,
            memory.string(path),
            flags,
            attributes.address(),
            32);
    if (result < 0) {
      throw failed(
          "mount_setattr",
          place(directory, path)
              + ", set="
              + MountFlags.describeAttributes(set)
              + ", propagation="
              + MountFlags.describe(propagation),
          result);
    }
  }

  @Override
  public void moveMount(int mount, int target) throws KernelException {
    final int fromAndToEmptyPath = 0x04 | 0x40;
    Scratch memory = scratch();
    long empty = memory.string(OsString.of(""));
    long result = call(SystemCall.MOVE_MOUNT, mount, empty, target, empty, fromAndToEmptyPath);
    if (result < 0) {
      throw failed("move_mount", "from=" + mount + ", to=" + target, result);
    }
  }
}
