// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.accounts;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which numbers belong to people and not to system accounts, by login.defs(5). Numbers beyond 65535
 * are people's too: no system account has one, directories such as LDAP give them. Immutable.
 *
 * @param uidMin the first user
 * @param uidMax the last one
 * @param gidMin the first group
 * @param gidMax the last one
 */
public record PeopleRange(long uidMin, long uidMax, long gidMin, long gidMax) {
  private static final long MIN = 1000;
  private static final long MAX = 60000;
  private static final long SIXTEEN_BITS = 65535;
  private static final long NOBODY = 0xffff_fffeL;

  /** The numbers of a system without login.defs. */
  public static final PeopleRange STANDARD = new PeopleRange(MIN, MAX, MIN, MAX);

  /** Returns the range that the text of a login.defs gives. */
  public static PeopleRange of(String loginDefs) {
    return new PeopleRange(
        setting(loginDefs, "UID_MIN", MIN),
        setting(loginDefs, "UID_MAX", MAX),
        setting(loginDefs, "GID_MIN", MIN),
        setting(loginDefs, "GID_MAX", MAX));
  }

  /** Returns whether a user is a person. */
  public boolean hasUser(long uid) {
    return within(uid, uidMin, uidMax);
  }

  /** Returns whether a group is one of people. */
  public boolean hasGroup(long gid) {
    return within(gid, gidMin, gidMax);
  }

  private static boolean within(long number, long min, long max) {
    return (number >= min && number <= max) || (number > SIXTEEN_BITS && number < NOBODY);
  }

  private static long setting(String definitions, String key, long standard) {
    Matcher line = Pattern.compile("(?m)^" + key + "\\s+(\\d{1,10})\\s*$").matcher(definitions);
    return line.find() ? Long.parseLong(line.group(1)) : standard;
  }
}
