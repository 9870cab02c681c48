// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.accounts;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What of an image's account files is not its own: kept beside them, so that what has gone from the
 * host goes from the image too, and what was the image's own comes back. Immutable.
 *
 * @param users names in passwd(5) that come from the host
 * @param groups names in group(5) that come from the host
 * @param passwords names whose lines in shadow(5) come from the host
 * @param members the members from the host in groups of the image's own, by the group
 * @param replaced lines of the image's own that lines from the host have replaced, by the file
 */
public record MergeRecord(
    Set<String> users,
    Set<String> groups,
    Set<String> passwords,
    Map<String, Set<String>> members,
    Map<String, List<AccountLine>> replaced) {
  /** The record of an image that has nothing of the host. */
  public static final MergeRecord EMPTY =
      new MergeRecord(Set.of(), Set.of(), Set.of(), Map.of(), Map.of());

  private static final String HEAD =
      """
      # Written by syschroot: what of passwd, group and shadow here comes from the host.
      # The lines of the image's own that it replaces are kept for "accounts" = "image".
      """;

  /** Copies all. */
  public MergeRecord {
    users = Set.copyOf(users);
    groups = Set.copyOf(groups);
    passwords = Set.copyOf(passwords);
    members = Map.copyOf(members);
    replaced = Map.copyOf(replaced);
  }

  /** Returns whether all in the files is the image's own. */
  public boolean isEmpty() {
    return equals(EMPTY);
  }

  List<AccountLine> replaced(String file) {
    return replaced.getOrDefault(file, List.of());
  }

  /** Returns the members that come from the host in a group of the image's own. */
  List<String> membersOf(String group) {
    return List.copyOf(members.getOrDefault(group, Set.of()));
  }

  /**
   * Returns what holds while the files are being changed from what this record says to what {@code
   * next} says: whichever of them is written, no line of the host counts as the image's own.
   */
  public MergeRecord until(MergeRecord next) {
    Map<String, Set<String>> allMembers = new LinkedHashMap<>(members);
    next.members.forEach((group, names) -> allMembers.merge(group, names, MergeRecord::both));
    Map<String, List<AccountLine>> allReplaced = new LinkedHashMap<>(replaced);
    next.replaced.forEach(
        (file, lines) -> allReplaced.merge(file, lines, MergeRecord::bothInOrder));
    return new MergeRecord(
        both(users, next.users),
        both(groups, next.groups),
        both(passwords, next.passwords),
        allMembers,
        allReplaced);
  }

  private static List<AccountLine> bothInOrder(List<AccountLine> some, List<AccountLine> others) {
    Set<AccountLine> all = new LinkedHashSet<>(some);
    all.addAll(others);
    return List.copyOf(all);
  }

  private static Set<String> both(Set<String> some, Set<String> others) {
    Set<String> all = new LinkedHashSet<>(some);
    all.addAll(others);
    return all;
  }

  /** Returns the text of the record, which {@link #parse} reads. */
  public String text() {
    StringBuilder text = new StringBuilder(HEAD);
    new TreeSet<>(users).forEach(name -> text.append("user ").append(name).append('\n'));
    new TreeSet<>(groups).forEach(name -> text.append("group ").append(name).append('\n'));
    new TreeSet<>(passwords).forEach(name -> text.append("password ").append(name).append('\n'));
    new TreeMap<>(members)
        .forEach(
            (group, names) ->
                new TreeSet<>(names)
                    .forEach(
                        name ->
                            text.append("member ")
                                .append(group)
                                .append(':')
                                .append(name)
                                .append('\n')));
    new TreeMap<>(replaced)
        .forEach(
            (file, lines) ->
                lines.forEach(
                    line ->
                        text.append("replaced ")
                            .append(file)
                            .append(' ')
                            .append(line.text())
                            .append('\n')));
    return text.toString();
  }

  /** Reads a record. Lines that say nothing known are passed over. */
  public static MergeRecord parse(String text) {
    Set<String> users = new LinkedHashSet<>();
    Set<String> groups = new LinkedHashSet<>();
    Set<String> passwords = new LinkedHashSet<>();
    Map<String, Set<String>> members = new LinkedHashMap<>();
    Map<String, List<AccountLine>> replaced = new LinkedHashMap<>();
    for (String line : AccountLine.lines(text).toList()) {
      String[] words = line.split(" ", 2);
      if (words.length < 2) {
        continue;
      }
      switch (words[0]) {
        case "user" -> users.add(words[1]);
        case "group" -> groups.add(words[1]);
        case "password" -> passwords.add(words[1]);
        case "member" -> {
          String[] pair = words[1].split(":", 2);
          if (pair.length == 2) {
            members.computeIfAbsent(pair[0], group -> new LinkedHashSet<>()).add(pair[1]);
          }
        }
        case "replaced" -> {
          String[] pair = words[1].split(" ", 2);
          if (pair.length == 2) {
            replaced
                .computeIfAbsent(pair[0], file -> new ArrayList<>())
                .add(new AccountLine(pair[1]));
          }
        }
        default -> {}
      }
    }
    return new MergeRecord(users, groups, passwords, members, replaced);
  }
}
