// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.start;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.syschroot.kernel.FileDetails;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.TreeCalls;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.trust.NewDirectory;
import org.syschroot.trust.TrustedPath;
import org.syschroot.trust.WholeFile;

/**
 * The directory of a user's entries, which nobody else can read or change. It has a limited number
 * of them: the oldest go first. Immutable and thread-safe.
 */
public final class StartCache {
  /** The most entries that are kept. */
  static final int MOST_ENTRIES = 64;

  private static final int PRIVATE_DIRECTORY = 0700;
  private static final int SHARED_DIRECTORY = 0755;
  private static final int PRIVATE_FILE = 0600;
  private static final int OTHERS = 077;
  private static final int ROOT = 0;

  private final Kernel kernel;
  private final TreeCalls tree;
  private final int effectiveUid;

  /** Creates the cache of a user. */
  public StartCache(Kernel kernel, TreeCalls tree, int effectiveUid) {
    this.kernel = kernel;
    this.tree = tree;
    this.effectiveUid = effectiveUid;
  }

  /**
   * Writes an entry, in the place of one that is there, and removes the oldest if there are too
   * many.
   *
   * @param file its path: a file in a directory {@code starts} in one {@code syschroot}, which are
   *     made if they are missing
   * @throws IOException if a directory belongs to somebody else or could be changed by others, or
   *     if a call fails
   */
  public void write(HostPath file, StartEntry entry) throws IOException {
    OsString name = file.value().baseName();
    int directory = open(parent(file));
    try {
      WholeFile.replaceIn(kernel, directory, name, entry.bytes(), PRIVATE_FILE);
      removeOldest(directory, name);
    } finally {
      kernel.close(directory);
    }
  }

  private static HostPath parent(HostPath path) {
    return HostPath.of(
        path.value().slice(0, path.value().length() - path.value().baseName().length()));
  }

  /** Opens the directory of entries; what is above the one of syschroot must be there. */
  private int open(HostPath entries) throws IOException {
    HostPath own = parent(entries);
    int above = TrustedPath.forUser(kernel, effectiveUid).open(parent(own));
    try {
      int middle =
          openOrMake(above, own, effectiveUid == ROOT ? SHARED_DIRECTORY : PRIVATE_DIRECTORY);
      try {
        int directory = openOrMake(middle, entries, PRIVATE_DIRECTORY);
        if ((kernel.fstat(directory).permissions() & OTHERS) != 0) {
          kernel.close(directory);
          throw new IOException(entries + " is open to others");
        }
        return directory;
      } finally {
        kernel.close(middle);
      }
    } finally {
      kernel.close(above);
    }
  }

  private int openOrMake(int parent, HostPath path, int mode) throws IOException {
    OsString name = path.value().baseName();
    NewDirectory.make(kernel, parent, name, mode);
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    int directory = kernel.openat(parent, name, flags, 0);
    FileStatus status = kernel.fstat(directory);
    if (status.uid() != effectiveUid || status.isWritableByOthers()) {
      kernel.close(directory);
      throw new IOException(path + " belongs to somebody else, or others can write to it");
    }
    return directory;
  }

  private record Aged(OsString name, long seconds, int nanoseconds) implements Comparable<Aged> {
    @Override
    public int compareTo(Aged other) {
      int bySeconds = Long.compare(seconds, other.seconds);
      return bySeconds != 0 ? bySeconds : Integer.compare(nanoseconds, other.nanoseconds);
    }
  }

  private void removeOldest(int directory, OsString newest) throws KernelException {
    List<Aged> entries = new ArrayList<>();
    for (OsString name : kernel.getdents(directory)) {
      if (!name.equals(newest)) {
        FileDetails details = tree.statx(directory, name);
        entries.add(new Aged(name, details.modified(), details.nanoseconds()));
      }
    }
    Collections.sort(entries);
    for (int i = 0; i <= entries.size() - MOST_ENTRIES; i++) {
      kernel.unlinkat(directory, entries.get(i).name(), 0);
    }
  }
}
