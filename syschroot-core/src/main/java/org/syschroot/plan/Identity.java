// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.syschroot.kernel.Accounts;
import org.syschroot.kernel.ProcessStatus;

/**
 * A user ID with group IDs, as unsigned 32-bit numbers: 4294967294 is -2 here. Immutable.
 *
 * <p>Use it for commands that run as another user than this JVM, which root alone may start.
 *
 * <pre>{@code
 * Identity alice = Identity.of("alice"); // and her groups, as the host knows them
 * Identity service = new Identity(990, 990, List.of());
 * syschroot.start(SwitchRequest.in(sl5).identity(alice).command("make"));
 * }</pre>
 *
 * @param uid the user
 * @param gid the group
 * @param groups the supplementary groups
 */
public record Identity(int uid, int gid, List<Integer> groups) {
  /** The number that is nobody's: setresuid(2) takes it for "unchanged", which would be root. */
  private static final int UNCHANGED = -1;

  private static final int MOST_GROUPS = 65_536; // NGROUPS_MAX

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if a number is 4294967295 (-1), which the kernel takes for "no
   *     change", or there are more than 65536 groups
   */
  public Identity {
    groups = List.copyOf(groups);
    List<Integer> all = new ArrayList<>(groups);
    all.add(uid);
    all.add(gid);
    if (all.contains(UNCHANGED)) {
      throw new IllegalArgumentException(
          "4294967295 (-1) is not a user or group: the kernel takes it as \"unchanged\"");
    }
    if (groups.size() > MOST_GROUPS) {
      throw new IllegalArgumentException(
          groups.size() + " supplementary groups: the kernel allows " + MOST_GROUPS);
    }
  }

  /**
   * Returns a user of the host with the groups that a login would give, through the host's name
   * service.
   *
   * @throws NoSuchElementException if the host has no user of that name
   */
  public static Identity of(String user) {
    Accounts accounts = Accounts.ofHost();
    Accounts.User entry =
        accounts
            .user(user)
            .orElseThrow(() -> new NoSuchElementException("no such user on the host: " + user));
    return new Identity(entry.uid(), entry.gid(), accounts.groupsOf(user, entry.gid()));
  }

  /**
   * Returns the effective user and groups of this process.
   *
   * @throws IOException if {@code /proc} does not show them
   */
  public static Identity ofThisProcess() throws IOException {
    ProcessStatus status = ProcessStatus.read();
    return new Identity(status.effectiveUid(), status.effectiveGid(), status.groups());
  }

  @Override
  public String toString() {
    return "uid="
        + Integer.toUnsignedString(uid)
        + " gid="
        + Integer.toUnsignedString(gid)
        + " groups="
        + String.join(",", groups.stream().map(Integer::toUnsignedString).toList());
  }
}
