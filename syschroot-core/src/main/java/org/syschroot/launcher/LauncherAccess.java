// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.syschroot.config.ConfigException;
import org.syschroot.image.Image;
import org.syschroot.image.Origin;
import org.syschroot.kernel.Accounts;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * Who may execute a launcher; the kernel enforces it by the file's permissions. Immutable.
 *
 * @param everyone whether all users may
 * @param group the file's group; unless everyone may, its members may
 * @param users further users, by an access list
 * @param groups further groups, by an access list
 */
public record LauncherAccess(
    boolean everyone, int group, List<Integer> users, List<Integer> groups) {
  static final OsString ATTRIBUTE = OsString.of("system.posix_acl_access");

  // linux/posix_acl_xattr.h and linux/posix_acl.h
  private static final int VERSION = 2;
  private static final int USER_OBJ = 0x01;
  private static final int USER = 0x02;
  private static final int GROUP_OBJ = 0x04;
  private static final int GROUP = 0x08;
  private static final int MASK = 0x10;
  private static final int OTHER = 0x20;
  private static final int NO_ID = -1;
  private static final int READ_WRITE_EXECUTE = 7;
  private static final int READ_EXECUTE = 5;

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException if a number is 4294967295 (-1), which fchown(2) takes for "no
   *     change" and an access list for "none"
   */
  public LauncherAccess {
    users = List.copyOf(users);
    groups = List.copyOf(groups);
    if (group == NO_ID || users.contains(NO_ID) || groups.contains(NO_ID)) {
      throw new IllegalArgumentException("4294967295 (-1) is not a user or group");
    }
  }

  /** Lets everyone. */
  public static LauncherAccess forEveryone() {
    return new LauncherAccess(true, 0, List.of(), List.of());
  }

  /** Lets root and the members of a group, by owner and mode alone. */
  public static LauncherAccess forGroup(int gid) {
    return new LauncherAccess(false, gid, List.of(), List.of());
  }

  /** Lets root, some users and the members of some groups, by an access list, acl(5). */
  public static LauncherAccess forOnly(List<Integer> uids, List<Integer> gids) {
    return new LauncherAccess(false, 0, uids, gids);
  }

  /**
   * Returns the access that the settings of an image give, by the numbers that the host has.
   *
   * @throws ConfigException if the native system does not know one of them
   */
  public static LauncherAccess of(Image image, Accounts accounts) throws IOException {
    List<Integer> users =
        numbers(image, "users", image.users(), name -> accounts.user(name).map(u -> u.uid()));
    List<Integer> groups = numbers(image, "groups", image.groups(), accounts::group);
    if (users.isEmpty() && groups.isEmpty()) {
      return LauncherAccess.forEveryone();
    }
    return users.isEmpty() && groups.size() == 1
        ? LauncherAccess.forGroup(groups.get(0))
        : LauncherAccess.forOnly(users, groups);
  }

  private static List<Integer> numbers(
      Image image, String key, List<String> names, Function<String, Optional<Integer>> lookUp)
      throws IOException {
    List<Integer> numbers = new ArrayList<>();
    for (String name : names) {
      Optional<Integer> number = lookUp.apply(name);
      if (number.isEmpty()) {
        throw unknown(image.origins().get(key), key, name);
      }
      numbers.add(number.get());
    }
    return numbers;
  }

  private static IOException unknown(@Nullable Origin origin, String key, String name) {
    return new ConfigException(
        origin,
        key
            + ": the host has no "
            + (key.equals("users") ? "user" : "group")
            + " \""
            + name
            + "\": correct or remove the name");
  }

  /**
   * Returns whether a file has exactly this owner, group, mode and access list.
   *
   * @throws KernelException if it cannot be read
   */
  public boolean isSetOn(Kernel kernel, HostPath path, Privilege privilege) throws KernelException {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK;
    int fd = kernel.openat(Kernel.AT_FDCWD, path.value(), flags, 0);
    try {
      FileStatus status = kernel.fstat(fd);
      return status.uid() == 0
          && status.gid() == group
          && status.permissions() == mode(privilege)
          && Arrays.equals(listOf(kernel, fd), needsList() ? list() : new byte[0]);
    } finally {
      kernel.close(fd);
    }
  }

  private static byte[] listOf(Kernel kernel, int fd) throws KernelException {
    try {
      return kernel.fgetxattr(fd, ATTRIBUTE);
    } catch (KernelException e) {
      if (e.is(Errno.ENODATA) || e.is(Errno.EOPNOTSUPP)) {
        return new byte[0];
      }
      throw e;
    }
  }

  int mode(Privilege privilege) {
    return (privilege == Privilege.SET_USER_ID ? 04000 : 0) | (everyone ? 0755 : 0750);
  }

  boolean needsList() {
    return !everyone && !(users.isEmpty() && groups.isEmpty());
  }

  /** Returns the attribute; entries must be in the order of tags and then of ids. */
  byte[] list() {
    ByteBuffer list =
        ByteBuffer.allocate(4 + 8 * (4 + users.size() + groups.size()))
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(VERSION);
    entry(list, USER_OBJ, READ_WRITE_EXECUTE, NO_ID);
    new TreeSet<>(users).forEach(uid -> entry(list, USER, READ_EXECUTE, uid));
    entry(list, GROUP_OBJ, READ_EXECUTE, NO_ID);
    new TreeSet<>(groups).forEach(gid -> entry(list, GROUP, READ_EXECUTE, gid));
    entry(list, MASK, READ_EXECUTE, NO_ID);
    entry(list, OTHER, 0, NO_ID);
    return Arrays.copyOf(list.array(), list.position());
  }

  private static void entry(ByteBuffer list, int tag, int permissions, int id) {
    list.putShort((short) tag).putShort((short) permissions).putInt(id);
  }
}
