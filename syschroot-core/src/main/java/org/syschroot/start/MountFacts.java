// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.start;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.syschroot.path.OsString;

/**
 * The lines of the mount table that decide what is mounted in an image: those of mounts on, above
 * and beneath some paths. Not thread-safe.
 */
final class MountFacts {
  private static final int MOUNT_POINT = 4; // the field of a line, proc_pid_mountinfo(5)

  private final Set<String> paths = new LinkedHashSet<>();

  /** Adds a path on, above and beneath which mounts count. */
  void add(OsString path) throws NotCachedException {
    for (int i = 0; i < path.length(); i++) {
      if (path.at(i) <= ' ' || path.at(i) == '\\') { // such are written otherwise in the table
        throw new NotCachedException("the mount table has another form for " + path);
      }
    }
    paths.add(path.toString());
  }

  /**
   * Adds three parts: paths on which mounts count, paths beneath which they do, and the lines.
   *
   * @throws NotCachedException if they are others than at the moment when the plan was begun
   */
  void addTo(EntryParts parts, ReadMoment moment) throws NotCachedException {
    if (moment.mounts().isEmpty()) {
      throw new NotCachedException("the mount table cannot be read");
    }
    Set<String> above = new LinkedHashSet<>(Set.of("/"));
    for (String path : paths) {
      for (int i = path.indexOf('/', 1); i > 0; i = path.indexOf('/', i + 1)) {
        above.add(path.substring(0, i));
      }
      above.add(path);
    }
    List<String> then = select(moment.mounts(), above);
    List<String> now = select(ReadMoment.readMounts(), above);
    if (!then.equals(now)) {
      throw new NotCachedException("mounts have just been changed");
    }
    parts.add(String.join("\0", above));
    parts.add(String.join("\0", paths));
    StringBuilder lines = new StringBuilder();
    now.forEach(line -> lines.append(line).append('\n'));
    parts.add(lines.toString());
  }

  /** Adds the parts of a plan for which no mounts count. */
  static void addNone(EntryParts parts) {
    parts.add("").add("").add("");
  }

  private List<String> select(String table, Set<String> above) {
    List<String> selected = new ArrayList<>();
    for (String line : table.split("\n")) {
      String[] fields = line.split(" ", MOUNT_POINT + 2);
      String point = fields.length > MOUNT_POINT ? fields[MOUNT_POINT] : "";
      boolean counts = above.contains(point);
      for (String path : paths) {
        counts |= point.startsWith(path) && point.startsWith("/", path.length());
      }
      if (counts) {
        selected.add(line);
      }
    }
    return selected;
  }
}
