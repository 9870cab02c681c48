// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.schroot;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A file of schroot's configuration: groups of keys, as schroot.conf(5) describes them. Where the
 * page and schroot 1.6.13 differ, this is what schroot does: a {@code #} begins a comment only at
 * the beginning of a line, and everything behind the first {@code =} is the value, spaces included.
 * Immutable.
 *
 * @param file where it was read; not null
 * @param groups in their order; copied
 */
record KeyFile(Path file, List<Group> groups) {
  KeyFile {
    groups = List.copyOf(groups);
  }

  /**
   * A group.
   *
   * @param name what stands in the brackets
   * @param line the line of the brackets
   * @param entries by key, in their order; copied
   */
  record Group(String name, int line, Map<String, Entry> entries) {
    Group {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    Optional<Entry> entry(String key) {
      return Optional.ofNullable(entries.get(key));
    }

    /** Returns the value of a key; empty if there is none, which is the same for schroot. */
    Optional<String> value(String key) {
      return entry(key).map(Entry::value).filter(value -> !value.isEmpty());
    }
  }

  /** A value, and the line it stands in. */
  record Entry(String value, int line) {}

  /**
   * Reads the lines of a file.
   *
   * @throws KeyFileException if schroot would refuse it
   */
  static KeyFile parse(Path file, List<String> lines) throws KeyFileException {
    Map<String, Group> groups = new LinkedHashMap<>();
    Map<String, Entry> entries = new LinkedHashMap<>();
    String name = null;
    for (int number = 1; number <= lines.size(); number++) {
      String line = lines.get(number - 1);
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("[")) {
        name = groupName(file, number, line);
        entries = new LinkedHashMap<>();
        if (groups.containsKey(name)) {
          throw refused(file, number, "a second [" + name + "]: rename one of them");
        }
        groups.put(name, new Group(name, number, entries));
        continue;
      }
      int equals = line.indexOf('=');
      if (equals <= 0) {
        throw refused(
            file, number, "\"" + line + "\" is neither KEY=VALUE nor [NAME] nor a comment");
      }
      if (name == null) {
        throw refused(file, number, "a key before the first [NAME]");
      }
      String key = line.substring(0, equals);
      if (entries.putIfAbsent(key, new Entry(line.substring(equals + 1), number)) != null) {
        throw refused(file, number, "a second " + key + " in [" + name + "]: remove one");
      }
      Group begun = Objects.requireNonNull(groups.get(name));
      groups.put(name, new Group(name, begun.line(), entries));
    }
    return new KeyFile(file, List.copyOf(groups.values()));
  }

  private static String groupName(Path file, int number, String line) throws KeyFileException {
    int comment = line.indexOf('#');
    int end = line.lastIndexOf(']', comment < 0 ? line.length() : comment);
    if (end <= 1) {
      throw refused(file, number, "\"" + line + "\" is not [NAME]");
    }
    return line.substring(1, end);
  }

  private static KeyFileException refused(Path file, int line, String text) {
    return new KeyFileException(new ImportNote(file, line, text + "; schroot also refuses it"));
  }
}
