// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.wrapper;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The diversions of dpkg-divert(1): files that packages bring and that are put under another name.
 * The text of {@code /var/lib/dpkg/diversions}, three lines each: the path, the other path, and the
 * package whose own file keeps the first one, or {@code :} for a local diversion. Immutable.
 *
 * @param entries the diversions in the order of the text
 */
record DpkgDiversions(List<Entry> entries) {
  static final String LOCAL = ":";

  /** A diversion. */
  record Entry(String path, String divertedTo, String owner) {}

  DpkgDiversions {
    entries = List.copyOf(entries);
  }

  /**
   * Reads the text.
   *
   * @throws IllegalArgumentException if its lines are not three for each
   */
  static DpkgDiversions parse(String text) {
    List<String> lines = text.lines().toList();
    if (lines.size() % 3 != 0) {
      throw new IllegalArgumentException(
          lines.size() + " lines, not three for each diversion: \"dpkg --audit\" in the image");
    }
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < lines.size(); i += 3) {
      entries.add(new Entry(lines.get(i), lines.get(i + 1), lines.get(i + 2)));
    }
    return new DpkgDiversions(entries);
  }

  /** Returns who diverts a path: a package, {@link #LOCAL}, or empty if nobody does. */
  Optional<Entry> of(String path) {
    return entries.stream().filter(entry -> entry.path().equals(path)).findFirst();
  }

  DpkgDiversions plus(Entry entry) {
    List<Entry> more = new ArrayList<>(entries);
    more.add(entry);
    return new DpkgDiversions(more);
  }

  DpkgDiversions minus(Entry entry) {
    return new DpkgDiversions(entries.stream().filter(each -> !each.equals(entry)).toList());
  }

  /** Returns the text. */
  String text() {
    StringBuilder text = new StringBuilder();
    for (Entry entry : entries) {
      for (String line : List.of(entry.path(), entry.divertedTo(), entry.owner())) {
        text.append(line).append('\n');
      }
    }
    return text.toString();
  }
}
