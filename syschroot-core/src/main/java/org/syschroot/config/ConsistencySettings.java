// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.syschroot.config.SettingTable.Located;
import org.syschroot.image.AccountSource;
import org.syschroot.image.Consistency;
import org.syschroot.image.SharedItem;

/** Reads {@code accounts} and {@code consistent}. Not instantiable. */
final class ConsistencySettings {
  private ConsistencySettings() {}

  static Consistency read(Optional<Located> accounts, List<Located> consistent)
      throws ConfigException {
    Optional<AccountSource> source = Optional.empty();
    if (accounts.isPresent()) {
      source = AccountSource.of(accounts.get().text());
      if (source.isEmpty()) {
        throw unknown("accounts", accounts.get(), AccountSource.names());
      }
    }
    Set<SharedItem> items = EnumSet.noneOf(SharedItem.class);
    for (Located name : consistent) {
      SharedItem item =
          SharedItem.of(name.text())
              .orElseThrow(() -> unknown("consistent", name, SharedItem.names()));
      if (item != SharedItem.ACCOUNTS) {
        items.add(item);
      } else if (source.isEmpty()) {
        source = Optional.of(AccountSource.MERGED);
      } else if (source.get() == AccountSource.IMAGE) {
        throw new ConfigException(
            name.origin(), "\"accounts\" in consistent contradicts accounts = \"image\"");
      }
    }
    try {
      return new Consistency(source, items);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(consistent.get(0).origin(), String.valueOf(e.getMessage()));
    }
  }

  private static ConfigException unknown(String key, Located value, String allowed) {
    return new ConfigException(
        value.origin(), key + " \"" + value.text() + "\" is unknown: allowed are " + allowed);
  }
}
