// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.syschroot.doctor.files.BudgetSpentException;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.files.TextLines;

/**
 * The directories that ld.so.conf and the files that it includes name (ldconfig(8)). Files can
 * include one another, so each pattern is expanded once, and all of it is limited: some thousand
 * times what a system has. For one reading and one thread.
 */
final class LoaderSettings {
  private static final String FILE = "/etc/ld.so.conf";
  private static final int MOST_FILES = 500;
  private static final int MOST_INCLUDES = 1_000;
  private static final int MOST_BYTES = 4 << 20;

  private final SystemFiles files;
  private final Set<String> directories = new LinkedHashSet<>();
  private final Set<String> filesSeen = new HashSet<>();
  private final Set<String> patternsSeen = new HashSet<>();
  private int bytes;

  LoaderSettings(SystemFiles files) {
    this.files = files;
  }

  /**
   * Returns the directories in order, each once.
   *
   * @throws BudgetSpentException if there is too much
   */
  Set<String> directories() {
    read(FILE);
    return directories;
  }

  private void read(String path) {
    if (!filesSeen.add(path)) {
      return;
    }
    checkLimit(filesSeen.size(), MOST_FILES, "files");
    String text = files.text(path).orElse("");
    bytes += text.length();
    checkLimit(bytes, MOST_BYTES, "bytes");
    for (String line : new TextLines(text)) {
      String words = line.replaceFirst("#.*", "").strip();
      if (words.startsWith("include ")) {
        for (String pattern : words.substring(8).strip().split("\\s+")) {
          include(pattern, path);
        }
      } else if (words.startsWith("/")) {
        directories.add(words.replaceFirst("=.*", ""));
      }
    }
  }

  private void include(String pattern, String from) {
    String whole =
        pattern.startsWith("/") ? pattern : from.substring(0, from.lastIndexOf('/') + 1) + pattern;
    if (patternsSeen.add(whole)) {
      checkLimit(patternsSeen.size(), MOST_INCLUDES, "includes");
      expanded(whole).forEach(this::read);
    }
  }

  /** Wildcards are taken as ldconfig's standard files use them: in the last name, and only *. */
  private List<String> expanded(String pattern) {
    int slash = pattern.lastIndexOf('/');
    String name = pattern.substring(slash + 1);
    int star = name.indexOf('*');
    if (star < 0) {
      return List.of(pattern);
    }
    String start = name.substring(0, star);
    String end = name.substring(star + 1);
    return files.list(slash == 0 ? "/" : pattern.substring(0, slash)).stream()
        .filter(file -> file.startsWith(start) && file.endsWith(end))
        .map(file -> pattern.substring(0, slash + 1) + file)
        .toList();
  }

  private static void checkLimit(int count, int limit, String what) {
    if (count > limit) {
      throw new BudgetSpentException(
          FILE + " and what it includes have more than " + limit + " " + what);
    }
  }
}
