// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor;

import java.util.List;
import java.util.TreeSet;
import org.syschroot.doctor.files.ByteText;
import org.syschroot.doctor.files.TreeWalk;
import org.syschroot.doctor.finding.Finding;

/**
 * How many files something is the case for, and the first of them in the order of their paths: as
 * many as a {@link Finding} names. For one thread.
 */
public final class NotedPaths {
  private static final int MOST = 10;
  private static final int LONGEST = 4_096;

  private final TreeSet<String> paths = new TreeSet<>();
  private int count;

  /** Creates an empty one. */
  public NotedPaths() {}

  /** Counts a file. */
  public void add(TreeWalk.Entry entry) {
    count++;
    paths.add(ByteText.shown(cut(entry.path())));
    if (paths.size() > MOST) {
      paths.pollLast();
    }
  }

  /** Returns how many there are. */
  public int count() {
    return count;
  }

  /** Returns the first ones, on the native system, for people to read. */
  public List<String> first() {
    return List.copyOf(paths);
  }

  /** Returns a path without the end of one that is longer than any that the kernel takes. */
  static String cut(String path) {
    return path.length() > LONGEST ? path.substring(0, LONGEST) + "..." : path;
  }
}
