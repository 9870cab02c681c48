// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.mounting.UnderlayDirectory;
import org.syschroot.mounting.UnderlayDirectory.Entry;
import org.syschroot.mounting.UnderlayDirectory.Kind;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/** The lines of a plan's text that tell the directories made anew, and what is in each. */
final class UnderlayText {
  static final String KEY = "underlay";
  private static final String IN = "in";
  private static final String DIRECTORY = "directory";
  private static final String FILE = "file";
  private static final String LINK = "link";

  private final List<UnderlayDirectory> directories = new ArrayList<>();

  /** Returns the words of each line, without the key. */
  static List<String[]> words(List<UnderlayDirectory> directories) {
    List<String[]> lines = new ArrayList<>();
    for (UnderlayDirectory directory : directories) {
      lines.add(
          new String[] {
            IN,
            PlanText.word(directory.place().value()),
            Integer.toOctalString(directory.permissions()),
            Integer.toUnsignedString(directory.uid()),
            Integer.toUnsignedString(directory.gid())
          });
      for (Entry entry : directory.entries()) {
        String name = PlanText.word(entry.name());
        lines.add(
            switch (entry.kind()) {
              case DIRECTORY -> new String[] {DIRECTORY, name};
              case FILE -> new String[] {FILE, name};
              case LINK -> new String[] {LINK, name, PlanText.word(entry.text())};
            });
      }
    }
    return lines;
  }

  /** Takes the words of a line, with the key. */
  void take(String[] words) {
    OsString named = PlanText.value(words[2]);
    if (words[1].equals(IN)) {
      directories.add(
          new UnderlayDirectory(
              ImagePath.of(named),
              Integer.parseInt(words[3], 8),
              Integer.parseUnsignedInt(words[4]),
              Integer.parseUnsignedInt(words[5]),
              List.of()));
      return;
    }
    Entry entry =
        switch (words[1]) {
          case DIRECTORY -> new Entry(named, Kind.DIRECTORY, OsString.of(""));
          case FILE -> new Entry(named, Kind.FILE, OsString.of(""));
          case LINK -> new Entry(named, Kind.LINK, PlanText.value(words[3]));
          default -> throw new IllegalArgumentException(String.join(" ", words));
        };
    int last = directories.size() - 1;
    UnderlayDirectory directory = directories.get(last);
    List<Entry> entries = new ArrayList<>(directory.entries());
    entries.add(entry);
    directories.set(
        last,
        new UnderlayDirectory(
            directory.place(), directory.permissions(), directory.uid(), directory.gid(), entries));
  }

  List<UnderlayDirectory> directories() {
    return directories;
  }
}
