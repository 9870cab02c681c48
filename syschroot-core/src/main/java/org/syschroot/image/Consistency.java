// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What files of an image follow those of the host. Immutable.
 *
 * <p>For images that are to know the users of the host, or its names of hosts, whatever their own
 * files say.
 *
 * <pre>{@code
 * Consistency names = new Consistency(Optional.empty(), Set.of(SharedItem.HOSTS));
 * return tools.consistency(names).build();
 * }</pre>
 *
 * @param accounts whose users and groups it has; empty to leave them alone
 * @param items what else; never {@link SharedItem#ACCOUNTS}
 */
public record Consistency(Optional<AccountSource> accounts, Set<SharedItem> items) {
  /** Nothing follows the host. */
  public static final Consistency NONE = new Consistency(Optional.empty(), Set.of());

  /**
   * Copies the set.
   *
   * @throws IllegalArgumentException if accounts are among the items, or passwords without accounts
   *     of the host
   */
  public Consistency {
    if (items.contains(SharedItem.ACCOUNTS)) {
      throw new IllegalArgumentException("\"accounts\" is not allowed here");
    }
    boolean fromHost = accounts.isPresent() && accounts.get() != AccountSource.IMAGE;
    if (items.contains(SharedItem.PASSWORDS) && !fromHost) {
      throw new IllegalArgumentException(
          "\"passwords\" needs accounts = \"merged\" or accounts = \"native\"");
    }
    EnumSet<SharedItem> copy = EnumSet.noneOf(SharedItem.class);
    copy.addAll(items);
    items = Collections.unmodifiableSet(copy);
  }

  /** Returns whether nothing was ever asked for, so that there is nothing to look at. */
  public boolean isNone() {
    return accounts.isEmpty() && items.isEmpty();
  }

  /** Returns whether something is to follow the host. */
  public boolean has(SharedItem item) {
    return items.contains(item);
  }
}
