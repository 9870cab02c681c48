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
      passwd
          .append(user.name())
          .append(":x:")
          .append(Integer.toUnsignedString(user.uid()))
          .append(':')
          .append(Integer.toUnsignedString(user.gid()))
          .append(':')
          .append(String.join(":", user.fullName(), user.home(), user.shell()))
          .append('\n');
      for (int gid : accounts.groupsOf(user.name(), user.gid())) {
        groups.merge(gid, user.name(), (some, more) -> some + "," + more);
      }
    }
    StringBuilder group = new StringBuilder();
    groups.forEach(
        (gid, members) ->
            accounts
                .groupName(gid)
                .ifPresent(
                    name ->
                        group
                            .append(name)
                            .append(":x:")
                            .append(Integer.toUnsignedString(gid))
                            .append(':')
                            .append(members)
                            .append('\n')));
    return AccountFiles.of(passwd.toString(), group.toString());
  }

  @Override
  public List<String> membersOf(String group) {
    return Accounts.ofHost().membersOf(group);
  }
}
