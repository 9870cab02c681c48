// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.start;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.syschroot.kernel.FileDetails;
import org.syschroot.path.OsString;

/**
 * The moment before the first file of a plan is read. What is listed afterwards must be what was
 * read: a file that was changed since this moment is not. Immutable.
 *
 * @param time the moment
 * @param mounts the mount table of the moment
 */
public record ReadMoment(Instant time, String mounts) {
  private static final Path MOUNTS = Path.of("/proc/thread-self/mountinfo");

  /** Times of files are those of the last tick of the kernel's clock, which has 100 at least. */
  private static final long TICK_NANOSECONDS = 20_000_000L;

  /** Returns the present moment; the mount table is empty if it cannot be read. */
  public static ReadMoment now() {
    return new ReadMoment(Instant.now(), readMounts());
  }

  static String readMounts() {
    try {
      return new String(Files.readAllBytes(MOUNTS), StandardCharsets.ISO_8859_1);
    } catch (IOException unknown) {
      return "";
    }
  }

  void requireUnchanged(OsString path, FileDetails found) throws NotCachedException {
    Instant changed = Instant.ofEpochSecond(found.changed(), found.changedNanoseconds());
    if (!changed.isBefore(time.minusNanos(TICK_NANOSECONDS))) {
      throw new NotCachedException(path + " has just been changed");
    }
  }
}
