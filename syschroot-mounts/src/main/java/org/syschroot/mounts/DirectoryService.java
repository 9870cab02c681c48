// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.util.Collection;
import java.util.List;
import org.syschroot.accounts.AccountFiles;

/** Knows users who are in no file of the host, such as those in LDAP, as far as it is asked. */
interface DirectoryService {
  /** Returns the users who are found, with their groups. */
  AccountFiles find(Collection<String> namesOrNumbers);

  /** Returns the members of a group. */
  List<String> membersOf(String group);
}
