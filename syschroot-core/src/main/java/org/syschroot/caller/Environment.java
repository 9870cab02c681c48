// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.caller;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.path.OsString;

/**
 * The environment of a command while it is being put together. What is not touched keeps its bytes
 * and its place, entries without {@code =} and repeated names included. Immutable: every change
 * returns a new one.
 */
public final class Environment {
  private static final OsString EQUALS = OsString.of("=");

  private final List<OsString> entries;

  private Environment(List<OsString> entries) {
    this.entries = entries;
  }

  public static Environment of(List<OsString> entries) {
    return new Environment(List.copyOf(entries));
  }

  public List<OsString> entries() {
    return entries;
  }

  public Optional<OsString> get(OsString name) {
    OsString prefix = name.plus(EQUALS);
    for (OsString entry : entries) {
      if (entry.startsWith(prefix)) {
        return Optional.of(entry.slice(prefix.length(), entry.length()));
      }
    }
    return Optional.empty();
  }

  /** Replaces the first entry of that name and drops further ones, else adds one at the end. */
  public Environment with(OsString name, OsString value) {
    OsString prefix = name.plus(EQUALS);
    OsString entry = prefix.plus(value);
    List<OsString> changed = new ArrayList<>(entries.size() + 1);
    boolean placed = false;
    for (OsString existing : entries) {
      if (!existing.startsWith(prefix)) {
        changed.add(existing);
      } else if (!placed) {
        changed.add(entry);
        placed = true;
      }
    }
    if (!placed) {
      changed.add(entry);
    }
    return of(changed);
  }

  public Environment without(OsString name) {
    OsString prefix = name.plus(EQUALS);
    List<OsString> changed = new ArrayList<>(entries.size());
    for (OsString entry : entries) {
      if (!entry.startsWith(prefix)) {
        changed.add(entry);
      }
    }
    return of(changed);
  }
}
