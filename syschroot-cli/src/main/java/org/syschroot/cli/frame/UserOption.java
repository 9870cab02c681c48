// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.syschroot.kernel.Accounts;
import org.syschroot.kernel.Accounts.User;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.SwitchRequest;

/**
 * The value of {@code --user}: {@code NAME|UID[:GROUP|GID]}, looked up on the host. As chroot(1)
 * has it, an empty group is that of the user, an empty user is the caller, and a {@code +} says
 * that a number is not a name.
 */
public final class UserOption {
  private static final int ROOT = 0;

  private final String user;
  private final String group;
  private final boolean login;

  public UserOption(String value, boolean login) throws UsageException {
    int colon = value.indexOf(':');
    String name = colon < 0 ? value : value.substring(0, colon);
    // Only root can become somebody else, so the caller is root.
    this.user = name.isEmpty() && colon >= 0 ? Integer.toString(ROOT) : name;
    this.group = colon < 0 ? "" : value.substring(colon + 1);
    this.login = login;
    if (user.isEmpty() || value.equals(":")) {
      throw new UsageException("--user \"" + value + "\" must be NAME|UID[:GROUP|GID]");
    }
  }

  /** Returns the request with the user's identity, and for a login with the user's variables. */
  public SwitchRequest applyTo(SwitchRequest request) throws IOException {
    Accounts accounts = Accounts.ofHost();
    Optional<Integer> number = number(user);
    Optional<User> known = number.isPresent() ? accounts.user(number.get()) : accounts.user(user);
    if (known.isEmpty() && number.isEmpty()) {
      throw new IOException(
          "--user " + user + ": the host has no such user: use another name, or a number");
    }
    if (known.isEmpty() && group.isEmpty()) {
      throw new IOException(
          "--user " + user + ": no user has this number, so add the group: UID:GROUP");
    }
    int gid = group.isEmpty() ? known.get().gid() : groupNumber(accounts);
    List<Integer> groups =
        known.isPresent() ? accounts.groupsOf(known.get().name(), gid) : List.of(gid);
    int uid = known.isPresent() ? known.get().uid() : number.get();
    SwitchRequest identified = request.identity(identity(uid, gid, groups));
    return login && known.isPresent() ? withLoginVariables(identified, known.get()) : identified;
  }

  private Identity identity(int uid, int gid, List<Integer> groups) throws IOException {
    try {
      return new Identity(uid, gid, groups);
    } catch (IllegalArgumentException e) {
      // Only the native system's own accounts can still be wrong.
      throw new IOException("--user " + user + ": " + e.getMessage(), e);
    }
  }

  private int groupNumber(Accounts accounts) throws IOException {
    Optional<Integer> number = number(group);
    return number.isPresent()
        ? number.get()
        : accounts
            .group(group)
            .orElseThrow(
                () ->
                    new IOException(
                        "--user "
                            + user
                            + ":"
                            + group
                            + ": the host has no such group: use another name, or a number"));
  }

  private static SwitchRequest withLoginVariables(SwitchRequest request, User user) {
    return request
        .variable(OsString.of("HOME"), OsString.of(user.home()))
        .variable(OsString.of("SHELL"), OsString.of(user.shell()))
        .variable(OsString.of("USER"), OsString.of(user.name()))
        .variable(OsString.of("LOGNAME"), OsString.of(user.name()));
  }

  /**
   * Returns the number, if the text is one. A number that the kernel does not have, or takes for
   * "unchanged" (the highest), is nobody's name either.
   */
  private Optional<Integer> number(String text) throws IOException {
    if (!text.matches("[-+]*[0-9]+")) {
      return Optional.empty();
    }
    try {
      int number = Integer.parseUnsignedInt(text.startsWith("+") ? text.substring(1) : text);
      if (number != -1 && text.matches("[+]?[0-9]+")) {
        return Optional.of(number);
      }
    } catch (NumberFormatException outOfRange) {
      // Refused below.
    }
    throw new IOException("--user " + text + ": must be a name, or a number from 0 to 4294967294");
  }
}
