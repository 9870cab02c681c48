// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.accounts;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The users and groups of the host that an image shows. Immutable.
 *
 * @param users lines of passwd(5), without passwords
 * @param groups lines of group(5), whose members are {@code users} or unknown to the host's files
 * @param passwords lines of shadow(5); empty if passwords are not to be shown
 */
public record NativeAccounts(
    List<AccountLine> users, List<AccountLine> groups, List<AccountLine> passwords) {
  private static final int PASSWORD = 1;
  private static final int PRIMARY_GROUP = 3;

  /** No users, and no groups. */
  public static final NativeAccounts NONE = new NativeAccounts(List.of(), List.of(), List.of());

  /** Copies the lists. */
  public NativeAccounts {
    users = List.copyOf(users);
    groups = List.copyOf(groups);
    passwords = List.copyOf(passwords);
  }

  /**
   * Returns the people of a host, their primary groups, the groups of people, and the groups that
   * people are in.
   *
   * @param further accounts that the files do not have, such as users of a directory service; those
   *     with root's number are left out
   */
  public static NativeAccounts people(AccountFiles host, PeopleRange range, AccountFiles further) {
    List<AccountLine> all = users(host);
    Set<String> system = new HashSet<>();
    List<AccountLine> people = new ArrayList<>();
    Set<String> primary = new HashSet<>();
    for (AccountLine user : all) {
      if (range.hasUser(user.number().orElse(0))) {
        people.add(user);
      } else {
        system.add(user.name());
      }
    }
    Set<String> known = names(all);
    further(further).filter(user -> known.add(user.name())).forEach(people::add);
    people.forEach(user -> primary.add(user.field(PRIMARY_GROUP)));
    List<AccountLine> groups = new ArrayList<>();
    for (AccountLine group : groups(host, further)) {
      AccountLine ofPeople = group.minusMembers(List.copyOf(system));
      long gid = group.number().orElse(0);
      if (gid != 0
          && (range.hasGroup(gid)
              || primary.contains(group.field(2))
              || !ofPeople.members().isEmpty())) {
        groups.add(ofPeople);
      }
    }
    return new NativeAccounts(people, groups, passwords(host, people));
  }

  /** Returns all users and groups of a host, without passwords. */
  public static NativeAccounts all(AccountFiles host, AccountFiles further) {
    List<AccountLine> users = new ArrayList<>(users(host));
    Set<String> known = names(users);
    further(further).filter(user -> known.add(user.name())).forEach(users::add);
    return new NativeAccounts(users, groups(host, further), passwords(host, users));
  }

  private static Stream<AccountLine> further(AccountFiles files) {
    return users(files).stream().filter(user -> user.number().orElse(0) != 0);
  }

  private static Set<String> names(List<AccountLine> lines) {
    Set<String> names = new HashSet<>();
    lines.forEach(line -> names.add(line.name()));
    return names;
  }

  /** Whatever stands in the place of the password, it is none that passwd(5) may show. */
  private static List<AccountLine> users(AccountFiles files) {
    return entries(files.passwd().orElse("")).stream()
        .map(line -> line.with(PASSWORD, "x"))
        .toList();
  }

  private static List<AccountLine> groups(AccountFiles host, AccountFiles further) {
    Map<String, AccountLine> groups = new LinkedHashMap<>();
    for (AccountFiles files : List.of(host, further)) {
      for (AccountLine group : entries(files.group().orElse(""))) {
        groups.merge(
            group.name(),
            group.with(PASSWORD, "x"),
            (first, second) ->
                first.number().equals(second.number())
                    ? first.plusMembers(second.members())
                    : first);
      }
    }
    return List.copyOf(groups.values());
  }

  private static List<AccountLine> passwords(AccountFiles host, List<AccountLine> users) {
    Set<String> names = names(users);
    return AccountLine.of(host.shadow().orElse("")).stream()
        .filter(line -> names.contains(line.name()))
        .toList();
  }

  /** The lines with a name and a number, each name once: later ones are never found by it. */
  private static List<AccountLine> entries(String file) {
    Map<String, AccountLine> entries = new LinkedHashMap<>();
    for (AccountLine line : AccountLine.of(file)) {
      if (line.number().isPresent()) {
        entries.putIfAbsent(line.name(), line);
      }
    }
    return List.copyOf(entries.values());
  }
}
