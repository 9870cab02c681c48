// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.syschroot.kernel.Accounts;
import org.syschroot.kernel.Accounts.User;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.SwitchRequest;

/** The value of {@code --user}: {@code NAME|UID[:GROUP|GID]}, looked up on the native system. */
final class UserOption {
  private final String user;
  private final String group;
  private final boolean login;

  UserOption(String value, boolean login) throws UsageException {
    int colon = value.indexOf(':');
    this.user = colon < 0 ? value : value.substring(0, colon);
    this.group = colon < 0 ? "" : value.substring(colon + 1);
    this.login = login;
    if (user.isEmpty() || (colon >= 0 && group.isEmpty())) {
      throw new UsageException("--user \"" + value + "\" must be NAME|UID[:GROUP|GID]");
    }
  }

  /** Returns the request with the user's identity, and for a login with the user's variables. */
  SwitchRequest applyTo(SwitchRequest request) throws IOException {
    Accounts accounts = Accounts.ofHost();
    Optional<Integer> number = number(user);
    Optional<User> known = number.isPresent() ? accounts.user(number.get()) : accounts.user(user);
    if (known.isEmpty() && number.isEmpty()) {
      throw new IOException(
          "--user " + user + ": the native system has no such user: name one, or a number");
    }
    if (known.isEmpty() && group.isEmpty()) {
      throw new IOException(
          "--user " + user + ": nobody has this number, so its group is unknown: add :GROUP");
    }
    int gid = group.isEmpty() ? known.get().gid() : groupNumber(accounts);
    List<Integer> groups =
        known.isPresent() ? accounts.groupsOf(known.get().name(), gid) : List.of(gid);
    int uid = known.isPresent() ? known.get().uid() : number.get();
    SwitchRequest identified = request.identity(new Identity(uid, gid, groups));
    return login && known.isPresent() ? withLoginVariables(identified, known.get()) : identified;
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
                            + ": the native system has no such group: name one, or a number"));
  }

  private static SwitchRequest withLoginVariables(SwitchRequest request, User user) {
    return request
        .variable(OsString.of("HOME"), OsString.of(user.home()))
        .variable(OsString.of("SHELL"), OsString.of(user.shell()))
        .variable(OsString.of("USER"), OsString.of(user.name()))
        .variable(OsString.of("LOGNAME"), OsString.of(user.name()));
  }

  /** Returns the number, if the text is one. The highest means "unchanged" to the kernel. */
  private static Optional<Integer> number(String text) {
    try {
      int number = Integer.parseUnsignedInt(text);
      return number == -1 || text.startsWith("+") ? Optional.empty() : Optional.of(number);
    } catch (NumberFormatException notANumber) {
      return Optional.empty();
    }
  }
}
