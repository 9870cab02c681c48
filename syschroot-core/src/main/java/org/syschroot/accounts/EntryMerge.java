// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.accounts;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * The entries of one file, passwd(5) or group(5), of the image and of the host together. Lines are
 * looked up from the first to the last, so their order decides whom a number leads to: system
 * accounts of the image, then those of the host, then people of the image alone.
 *
 * <p>A name of a system account stays the image's, whose files and daemons rely on it; any other
 * name is the host's, and the image's line goes to {@link #replaced}. For one thread.
 */
final class EntryMerge {
  private final boolean ofGroups;
  private final List<AccountLine> lines = new ArrayList<>();
  private final Set<String> fromHost = new LinkedHashSet<>();
  private final List<AccountLine> replaced = new ArrayList<>();
  private final List<AccountClash> clashes = new ArrayList<>();
  private final Map<String, AccountLine> both = new HashMap<>();

  private EntryMerge(boolean ofGroups) {
    this.ofGroups = ofGroups;
  }

  /**
   * Merges.
   *
   * @param own the lines of the image's own
   * @param host the entries of the host, each name once
   * @param isPerson whether a number is one of people in the image
   */
  static EntryMerge of(
      boolean ofGroups, List<AccountLine> own, List<AccountLine> host, LongPredicate isPerson) {
    EntryMerge merge = new EntryMerge(ofGroups);
    List<AccountLine> system = new ArrayList<>();
    List<AccountLine> people = new ArrayList<>();
    List<AccountLine> compat = new ArrayList<>();
    for (AccountLine line : own) {
      if (line.isCompat()) {
        compat.add(line);
      } else if (line.number().isPresent() && isPerson.test(line.number().getAsLong())) {
        people.add(line);
      } else {
        system.add(line);
      }
    }
    List<AccountLine> shown = merge.choose(host, byName(system), byName(people));
    people.removeIf(line -> merge.fromHost.contains(line.name()) && merge.replaced.add(line));
    merge.findNumbers(shown, system, people);
    merge.lines.addAll(system);
    merge.lines.addAll(shown);
    merge.lines.addAll(people);
    merge.lines.addAll(compat);
    return merge;
  }

  /** Shows the host's entries alone; all of the image's own is replaced. */
  static EntryMerge hostAlone(boolean ofGroups, List<AccountLine> own, List<AccountLine> host) {
    EntryMerge merge = new EntryMerge(ofGroups);
    merge.lines.addAll(host);
    host.forEach(line -> merge.fromHost.add(line.name()));
    merge.replaced.addAll(own);
    return merge;
  }

  private static Map<String, AccountLine> byName(List<AccountLine> lines) {
    Map<String, AccountLine> named = new HashMap<>();
    for (AccountLine line : lines) {
      if (!line.name().isEmpty()) {
        named.putIfAbsent(line.name(), line);
      }
    }
    return named;
  }

  private List<AccountLine> choose(
      List<AccountLine> host, Map<String, AccountLine> system, Map<String, AccountLine> people) {
    List<AccountLine> shown = new ArrayList<>();
    for (AccountLine line : host) {
      AccountLine ofSystem = system.get(line.name());
      if (ofSystem != null) {
        if (ofSystem.number().equals(line.number())) {
          both.put(line.name(), line);
        } else {
          clashes.add(new AccountClash(ofGroups, true, line, ofSystem, false));
        }
        continue;
      }
      AccountLine ofPerson = people.get(line.name());
      if (ofPerson != null && !ofPerson.number().equals(line.number())) {
        clashes.add(new AccountClash(ofGroups, true, line, ofPerson, true));
      }
      fromHost.add(line.name());
      shown.add(line);
    }
    return shown;
  }

  private void findNumbers(
      List<AccountLine> shown, List<AccountLine> system, List<AccountLine> people) {
    Map<Long, AccountLine> byNumber = new HashMap<>();
    for (AccountLine line : shown) {
      byNumber.putIfAbsent(line.number().getAsLong(), line);
    }
    Set<Long> told = new HashSet<>();
    for (AccountLine own : system) {
      tell(byNumber, own, false, told);
    }
    for (AccountLine own : people) {
      tell(byNumber, own, true, told);
    }
  }

  private void tell(
      Map<Long, AccountLine> byNumber, AccountLine own, boolean hostWins, Set<Long> told) {
    if (own.number().isEmpty()) {
      return;
    }
    AccountLine host = byNumber.get(own.number().getAsLong());
    if (host != null && told.add(own.number().getAsLong())) {
      clashes.add(new AccountClash(ofGroups, false, host, own, hostWins));
    }
  }

  List<AccountLine> lines() {
    return lines;
  }

  Set<String> fromHost() {
    return fromHost;
  }

  List<AccountLine> replaced() {
    return replaced;
  }

  List<AccountClash> clashes() {
    return clashes;
  }

  /** Returns the host's lines of entries that the image has as well, with the same number. */
  Map<String, AccountLine> both() {
    return both;
  }
}
