// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.syschroot.accounts.AccountFiles;
import org.syschroot.kernel.Accounts;

/**
 * The name service of the host (nsswitch.conf(5)), which is loaded when it is first asked.
 * Thread-safe.
 */
final class HostDirectoryService implements DirectoryService {
  private static final String SEPARATORS = "[:\\p{Cntrl}]";
  private static final DirectoryService RUNNING = new HostDirectoryService();

  private HostDirectoryService() {}

  static DirectoryService running() {
    return RUNNING;
  }

  @Override
  public AccountFiles find(Collection<String> namesOrNumbers) {
    Accounts accounts = Accounts.ofHost();
    StringBuilder passwd = new StringBuilder();
    Map<Integer, String> groups = new TreeMap<>();
    for (String one : namesOrNumbers) {
      Optional<Accounts.User> found =
          one.matches("[0-9]{1,10}")
              ? accounts.user((int) Long.parseLong(one))
              : accounts.user(one);
      if (found.isEmpty()) {
        continue;
      }
      Accounts.User user = found.get();
      Optional<String> line = line(user);
      if (line.isEmpty()) {
        continue;
      }
      passwd.append(line.get());
      for (int gid : accounts.groupsOf(user.name(), user.gid())) {
        groups.merge(gid, user.name(), (some, more) -> some + "," + more);
      }
    }
    StringBuilder group = new StringBuilder();
    groups.forEach(
        (gid, members) ->
            accounts
                .groupName(gid)
                .filter(HostDirectoryService::isName)
                .ifPresent(name -> group.append(line(name, "x", unsigned(gid), members))));
    return AccountFiles.of(passwd.toString(), group.toString());
  }

  /**
   * Returns the line of passwd(5) of a user; empty if their name cannot stand in one. A directory
   * may let users choose their full names: none of them makes another field or line.
   */
  static Optional<String> line(Accounts.User user) {
    if (!isName(user.name())) {
      return Optional.empty();
    }
    return Optional.of(
        line(
            user.name(),
            "x",
            unsigned(user.uid()),
            unsigned(user.gid()),
            user.fullName().replaceAll(SEPARATORS, " "),
            user.home().replaceAll(SEPARATORS, " "),
            user.shell().replaceAll(SEPARATORS, " ")));
  }

  private static boolean isName(String name) {
    return !name.isEmpty()
        && name.chars().allMatch(c -> c > ' ' && c != 0x7f && c != ':' && c != ',');
  }

  private static String unsigned(int number) {
    return Integer.toUnsignedString(number);
  }

  private static String line(String... fields) {
    return String.join(":", fields) + "\n";
  }

  @Override
  public List<String> membersOf(String group) {
    return Accounts.ofHost().membersOf(group);
  }
}
