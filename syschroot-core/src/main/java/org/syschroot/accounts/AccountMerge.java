// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.accounts;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The account files that an image is to have, computed from texts alone. Immutable.
 *
 * <p>Merging is repeatable: with its own result as the image's files and its own record, it changes
 * nothing. With {@link NativeAccounts#NONE} it gives back what was the image's own.
 *
 * @param files the files; those that the image did not have and does not need are empty
 * @param record what of them comes from the host
 * @param clashes what host and image have given to different users or groups
 */
public record AccountMerge(AccountFiles files, MergeRecord record, List<AccountClash> clashes) {
  static final String PASSWD = "passwd";
  static final String GROUP = "group";
  static final String SHADOW = "shadow";

  /** Copies the list. */
  public AccountMerge {
    clashes = List.copyOf(clashes);
  }

  /** Which entries of the image's own stay. */
  public enum Mode {
    /** All whose names the host does not give to people. */
    MERGED,
    /** None: the host's accounts alone. */
    HOST_ALONE
  }

  /**
   * Merges.
   *
   * @param image the files as they are in the image
   * @param before what of them came from the host
   * @param people which numbers are people's in the image
   */
  public static AccountMerge of(
      Mode mode, AccountFiles image, MergeRecord before, PeopleRange people, NativeAccounts host) {
    boolean alone = mode == Mode.HOST_ALONE && !host.equals(NativeAccounts.NONE);
    List<AccountLine> ownUsers = own(image.passwd(), before.users(), before.replaced(PASSWD));
    List<AccountLine> ownGroups =
        own(image.group(), before.groups(), before.replaced(GROUP)).stream()
            .map(line -> line.minusMembers(before.membersOf(line.name())))
            .toList();
    EntryMerge users =
        alone
            ? EntryMerge.hostAlone(false, ownUsers, host.users())
            : EntryMerge.of(false, ownUsers, host.users(), people::hasUser);
    EntryMerge groups =
        alone
            ? EntryMerge.hostAlone(true, ownGroups, host.groups())
            : EntryMerge.of(true, ownGroups, host.groups(), people::hasGroup);
    Map<String, Set<String>> members = new LinkedHashMap<>();
    List<AccountLine> groupLines = withMembers(groups, members);
    ShadowMerge shadow = ShadowMerge.of(image, before, users, host);
    List<AccountClash> clashes = new ArrayList<>(users.clashes());
    clashes.addAll(groups.clashes());
    Map<String, List<AccountLine>> replaced = new HashMap<>();
    put(replaced, PASSWD, users.replaced());
    put(replaced, GROUP, groups.replaced());
    put(replaced, SHADOW, shadow.replaced());
    AccountFiles files =
        new AccountFiles(
            text(image.passwd(), users.lines()),
            text(image.group(), groupLines),
            shadow.text(),
            image.gshadow().map(text -> gshadow(text, before, groups, members, groupLines)));
    return new AccountMerge(
        files,
        new MergeRecord(users.fromHost(), groups.fromHost(), shadow.fromHost(), members, replaced),
        clashes);
  }

  /**
   * Returns the lines that do not come from the host, and those that lines of the host replaced.
   */
  static List<AccountLine> own(
      Optional<String> file, Set<String> fromHost, List<AccountLine> replaced) {
    List<AccountLine> own = new ArrayList<>();
    for (AccountLine line : AccountLine.of(file.orElse(""))) {
      if (!fromHost.contains(line.name())) {
        own.add(line);
      }
    }
    Set<AccountLine> there = new HashSet<>(own);
    replaced.stream().filter(there::add).forEach(own::add);
    return own;
  }

  private static List<AccountLine> withMembers(
      EntryMerge groups, Map<String, Set<String>> members) {
    List<AccountLine> lines = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (AccountLine line : groups.lines()) {
      AccountLine ofHost = groups.both().get(line.name());
      if (ofHost == null || !seen.add(line.name())) {
        lines.add(line);
        continue;
      }
      Set<String> added = new LinkedHashSet<>(ofHost.members());
      line.members().forEach(added::remove);
      if (!added.isEmpty()) {
        members.put(line.name(), added);
      }
      lines.add(line.plusMembers(List.copyOf(added)));
    }
    return lines;
  }

  private static String gshadow(
      String text,
      MergeRecord before,
      EntryMerge groups,
      Map<String, Set<String>> members,
      List<AccountLine> groupLines) {
    Set<String> wanted = new HashSet<>();
    groupLines.forEach(line -> wanted.add(line.name()));
    Map<String, AccountLine> lines = new LinkedHashMap<>();
    for (AccountLine line : AccountLine.of(text)) {
      String name = line.name();
      boolean gone = before.groups().contains(name) && !wanted.contains(name);
      if (!gone) {
        lines.putIfAbsent(
            name.isEmpty() ? line.text() : name, line.minusMembers(before.membersOf(name)));
      }
    }
    for (AccountLine group : groupLines) {
      String name = group.name();
      if (groups.fromHost().contains(name) || before.groups().contains(name)) {
        AccountLine there = lines.getOrDefault(name, new AccountLine(name + ":!::"));
        lines.put(name, there.withMembers(group.members()));
      } else if (members.containsKey(name)) {
        lines.computeIfPresent(
            name, (key, line) -> line.plusMembers(List.copyOf(members.get(name))));
      }
    }
    return AccountLine.join(List.copyOf(lines.values()));
  }

  /** A file that is missing is not needed for nothing. */
  private static Optional<String> text(Optional<String> before, List<AccountLine> lines) {
    return before.isEmpty() && lines.isEmpty()
        ? Optional.empty()
        : Optional.of(AccountLine.join(lines));
  }

  private static void put(
      Map<String, List<AccountLine>> replaced, String file, List<AccountLine> lines) {
    if (!lines.isEmpty()) {
      replaced.put(file, List.copyOf(lines));
    }
  }
}
