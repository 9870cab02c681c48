// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mountplan;

import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import org.syschroot.path.HostPath;

/** Access of planning to files of the host. Implementations only look. */
@FunctionalInterface
public interface HostFiles {
  /** What a path leads to, symbolic links followed. */
  enum Kind {
    /** Nothing. */
    MISSING,
    /** Something that cannot be looked at, such as a file system of another user. */
    UNSEEN,
    /** A directory. */
    DIRECTORY,
    /** Anything else: a file, a device, a socket. */
    FILE;

    /** Returns whether there is something that can be mounted elsewhere. */
    public boolean isSeen() {
      return this == DIRECTORY || this == FILE;
    }
  }

  /** Returns what a path leads to. */
  Kind kind(HostPath path);

  /** Returns the files of a Java file system, such as the default one or one in memory. */
  static HostFiles of(FileSystem files) {
    return path -> {
      Path place = files.getPath(path.toString());
      if (!Files.exists(place)) {
        return Kind.MISSING;
      }
      return Files.isDirectory(place) ? Kind.DIRECTORY : Kind.FILE;
    };
  }
}
