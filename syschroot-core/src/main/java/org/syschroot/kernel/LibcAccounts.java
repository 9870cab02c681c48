// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Scratch.Slice;
import org.syschroot.path.OsString;

/** The accounts as libc tells them, without another library: getpwnam_r(3). Thread-safe. */
final class LibcAccounts extends Accounts {
  private static final int FIRST_GUESS = 4096; // bytes of an entry
  private static final int MOST = 16 << 20;
  private static final int FIRST_GROUPS = 64;
  // struct passwd and struct group of 64-bit machines, with glibc and musl.
  private static final int STRUCT = 64;
  private static final int NAME = 0;
  private static final int UID = 16;
  private static final int GID = 20;
  private static final int GECOS = 24;
  private static final int HOME = 32;
  private static final int SHELL = 40;
  private static final int GROUP_GID = 16;
  private static final int MEMBERS = 24;

  private final RawCalls raw = RawCalls.running();
  private final long userByName = RawCalls.address("getpwnam_r");
  private final long userByNumber = RawCalls.address("getpwuid_r");
  private final long groupByName = RawCalls.address("getgrnam_r");
  private final long groupByNumber = RawCalls.address("getgrgid_r");
  private final long groupList = RawCalls.address("getgrouplist");

  /** What a look-up has found: a structure, and the text that it points into. */
  private record Entry(ByteBuffer structure, Slice text) {
    String string(int pointer) {
      return stringAt(structure.getLong(pointer));
    }

    List<String> strings(int pointer) {
      List<String> all = new ArrayList<>();
      int next = Math.toIntExact(structure.getLong(pointer) - text.address());
      while (text.bytes().getLong(next) != 0) {
        all.add(stringAt(text.bytes().getLong(next)));
        next += Long.BYTES;
      }
      return all;
    }

    private String stringAt(long address) {
      long start = address - text.address();
      ByteBuffer bytes = text.bytes().duplicate().position(Math.toIntExact(start));
      int length = 0;
      while (bytes.get(bytes.position() + length) != 0) {
        length++;
      }
      byte[] all = new byte[length];
      bytes.get(all);
      return OsString.ofBytes(all).toString();
    }
  }

  /** Looks something up by its name, or without one by its number. */
  private @Nullable Entry find(long function, @Nullable String name, int number) {
    for (int size = FIRST_GUESS; size <= MOST; size *= 4) {
      Scratch memory = ThreadScratch.get();
      long key = name == null ? number : memory.string(OsString.of(name));
      Slice structure = memory.take(STRUCT);
      Slice found = memory.take(Long.BYTES);
      Slice text = memory.take(size);
      found.bytes().putLong(0, 0);
      int errno =
          raw.invoke(function, key, structure.address(), text.address(), size, found.address(), 0);
      if (errno != Errno.ERANGE.number()) {
        // Any other error is one of the name service, for which an account is then unknown.
        return found.bytes().getLong(0) == 0 ? null : new Entry(structure.bytes(), text);
      }
    }
    return null;
  }

  private static Optional<User> toUser(@Nullable Entry entry) {
    if (entry == null) {
      return Optional.empty();
    }
    ByteBuffer structure = entry.structure();
    return Optional.of(
        new User(
            entry.string(NAME),
            structure.getInt(UID),
            structure.getInt(GID),
            entry.string(GECOS),
            entry.string(HOME),
            entry.string(SHELL)));
  }

  @Override
  public Optional<User> user(String name) {
    return toUser(find(userByName, name, 0));
  }

  @Override
  public Optional<User> user(int uid) {
    return toUser(find(userByNumber, null, uid));
  }

  @Override
  public Optional<Integer> group(String name) {
    Entry entry = find(groupByName, name, 0);
    return Optional.ofNullable(entry).map(known -> known.structure().getInt(GROUP_GID));
  }

  @Override
  public Optional<String> groupName(int gid) {
    return Optional.ofNullable(find(groupByNumber, null, gid)).map(known -> known.string(NAME));
  }

  @Override
  public List<String> membersOf(String group) {
    Entry entry = find(groupByName, group, 0);
    return entry == null ? List.of() : entry.strings(MEMBERS);
  }

  @Override
  public List<Integer> groupsOf(String user, int gid) {
    int room = FIRST_GROUPS;
    while (true) {
      Scratch memory = ThreadScratch.get();
      Slice groups = memory.take(Integer.BYTES * room);
      Slice count = memory.take(Integer.BYTES);
      count.bytes().putInt(0, room);
      long name = memory.string(OsString.of(user));
      int result = raw.invoke(groupList, name, gid, groups.address(), count.address(), 0, 0);
      int needed = count.bytes().getInt(0);
      if (result >= 0) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < needed; i++) {
          numbers.add(groups.bytes().getInt(Integer.BYTES * i));
        }
        return Collections.unmodifiableList(numbers);
      }
      room = Math.max(needed, 2 * room);
    }
  }
}
