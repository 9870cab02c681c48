// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.posix.Group;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.Passwd;

/** The accounts as jnr-posix tells them. Thread-safe. */
final class PosixAccounts extends Accounts {
  private static final int FIRST_GUESS = 64;

  private final POSIX posix;
  private final Libc libc;
  private final Runtime runtime;

  PosixAccounts() {
    this.posix = POSIXFactory.getNativePOSIX();
    this.libc = LibraryLoader.create(Libc.class).load("c");
    this.runtime = Runtime.getRuntime(libc);
  }

  /** The function that jnr-posix lacks. */
  public interface Libc {
    /** Lists the groups of a user, getgrouplist(3); -1 if there is not enough room. */
    int getgrouplist(String user, int group, Pointer groups, Pointer count);
  }

  @Override
  public Optional<User> user(String name) {
    return Optional.ofNullable(posix.getpwnam(name)).map(PosixAccounts::toUser);
  }

  @Override
  public Optional<User> user(int uid) {
    return Optional.ofNullable(posix.getpwuid(uid)).map(PosixAccounts::toUser);
  }

  private static User toUser(Passwd entry) {
    return new User(
        entry.getLoginName(),
        (int) entry.getUID(),
        (int) entry.getGID(),
        entry.getGECOS() == null ? "" : entry.getGECOS(),
        entry.getHome(),
        entry.getShell());
  }

  @Override
  public Optional<Integer> group(String name) {
    return Optional.ofNullable(posix.getgrnam(name)).map(Group::getGID).map(Long::intValue);
  }

  @Override
  public Optional<String> groupName(int gid) {
    return Optional.ofNullable(posix.getgrgid(gid)).map(Group::getName);
  }

  @Override
  public List<String> membersOf(String group) {
    Group entry = posix.getgrnam(group);
    return entry == null || entry.getMembers() == null ? List.of() : List.of(entry.getMembers());
  }

  @Override
  public List<Integer> groupsOf(String user, int gid) {
    int room = FIRST_GUESS;
    while (true) {
      Pointer groups = runtime.getMemoryManager().allocateDirect(4 * room);
      Pointer count = runtime.getMemoryManager().allocateDirect(4);
      count.putInt(0, room);
      int result = libc.getgrouplist(user, gid, groups, count);
      int needed = count.getInt(0);
      if (result >= 0) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < needed; i++) {
          numbers.add(groups.getInt(4L * i));
        }
        return Collections.unmodifiableList(numbers);
      }
      room = Math.max(needed, 2 * room);
    }
  }
}
