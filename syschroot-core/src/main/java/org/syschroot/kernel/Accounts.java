// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.List;
import java.util.Optional;

/**
 * The users and groups of the native system, through its name service: files, LDAP, or whatever
 * nsswitch.conf(5) says. To be asked before a change of root. Thread-safe.
 */
public abstract class Accounts {
  private static final long NO_ID = 0xFFFF_FFFFL; // chown(2): "unchanged"

  Accounts() {}

  /**
   * A user, passwd(5). Immutable.
   *
   * @param name the name
   * @param uid the number
   * @param gid the number of the primary group
   * @param fullName the full name and further facts, may be empty
   * @param home the home directory
   * @param shell the login shell, may be empty
   */
  public record User(String name, int uid, int gid, String fullName, String home, String shell) {
    /** Creates a user without a full name. */
    public User(String name, int uid, int gid, String home, String shell) {
      this(name, uid, gid, "", home, shell);
    }
  }

  /** Returns the accounts of the native system; its name service is loaded at the first call. */
  public static Accounts ofHost() {
    return Holder.ACCOUNTS;
  }

  private static final class Holder {
    // jnr-posix comes with jffi, and loads its library.
    static final Accounts ACCOUNTS =
        RawCalls.running() instanceof ForeignCalls ? new LibcAccounts() : new PosixAccounts();
  }

  /** Returns the user of a name, or empty if there is none. */
  public abstract Optional<User> user(String name);

  /**
   * Returns the number of a user who is given by name or by number, known or not; empty if it is
   * neither.
   *
   * @param user a name, or a number from 0 to 4294967294, which is -2
   */
  public final Optional<Integer> uid(String user) {
    if (user.matches("[0-9]{1,10}")) {
      long uid = Long.parseLong(user);
      return uid < NO_ID ? Optional.of((int) uid) : Optional.empty();
    }
    return user(user).map(User::uid);
  }

  /** Returns the user of a number, or empty if there is none. */
  public abstract Optional<User> user(int uid);

  /** Returns the number of a group, or empty if there is none of that name. */
  public abstract Optional<Integer> group(String name);

  /** Returns the name of a group, or empty if there is none of that number. */
  public abstract Optional<String> groupName(int gid);

  /** Returns the names of those who are members of a group besides those whose primary it is. */
  public abstract List<String> membersOf(String group);

  /** Returns the groups of a user, {@code gid} among them, as initgroups(3) would set them. */
  public abstract List<Integer> groupsOf(String user, int gid);
}
