// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.accounts;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The shadow(5) that goes with merged users. PAM refuses an account with {@code x} in passwd(5) and
 * no line here, also to root's su(1), so every user of the host gets one: with the host's password
 * if passwords are to be shown, else with one that nobody can give. A password that was set in the
 * image stays as long as the host's is not shown. Immutable.
 *
 * @param text the file; empty if the image has none and needs none
 * @param fromHost the names whose lines are the host's
 * @param replaced lines of the image's own that the host's have replaced
 */
record ShadowMerge(Optional<String> text, Set<String> fromHost, List<AccountLine> replaced) {
  private static final int PASSWORD = 1; // in passwd(5)

  static ShadowMerge of(
      AccountFiles image, MergeRecord before, EntryMerge users, NativeAccounts host) {
    if (image.shadow().isEmpty() && host.passwords().isEmpty()) {
      return new ShadowMerge(Optional.empty(), Set.of(), List.of());
    }
    Map<String, AccountLine> own = own(image, before, users);
    Map<String, AccountLine> lines = new LinkedHashMap<>(own);
    if (image.shadow().isEmpty()) { // the others need a line as well, now that there is a file
      users.lines().stream()
          .filter(user -> user.field(PASSWORD).equals("x"))
          .forEach(user -> lines.putIfAbsent(user.name(), withoutPassword(user.name())));
    }
    Set<String> fromHost = new HashSet<>();
    List<AccountLine> replaced = new ArrayList<>();
    Map<String, AccountLine> passwords = new HashMap<>();
    host.passwords().forEach(line -> passwords.put(line.name(), line));
    for (String name : users.fromHost()) {
      AccountLine password = passwords.get(name);
      if (password == null) {
        lines.putIfAbsent(name, withoutPassword(name));
        continue;
      }
      if (own.containsKey(name)) {
        replaced.add(own.get(name));
      }
      fromHost.add(name);
      lines.put(name, password);
    }
    return new ShadowMerge(
        Optional.of(AccountLine.join(List.copyOf(lines.values()))), fromHost, replaced);
  }

  /** Returns the lines that are neither the host's nor made for its users, by name. */
  private static Map<String, AccountLine> own(
      AccountFiles image, MergeRecord before, EntryMerge users) {
    Set<String> present = new HashSet<>();
    users.lines().forEach(line -> present.add(line.name()));
    Map<String, AccountLine> own = new LinkedHashMap<>();
    for (AccountLine line : AccountLine.of(image.shadow().orElse(""))) {
      String name = line.name();
      boolean ofHost = before.users().contains(name);
      boolean made = before.passwords().contains(name) || line.equals(withoutPassword(name));
      boolean gone = !present.contains(name);
      if (!(ofHost && (made || gone))) {
        own.putIfAbsent(name.isEmpty() ? line.text() : name, line);
      }
    }
    for (AccountLine line : before.replaced(AccountMerge.SHADOW)) {
      if (present.contains(line.name())) {
        own.putIfAbsent(line.name(), line);
      }
    }
    return own;
  }

  /** Returns a line for an account that no password opens, and that is not locked for PAM. */
  private static AccountLine withoutPassword(String name) {
    return new AccountLine(name + ":*:::::::");
  }
}
