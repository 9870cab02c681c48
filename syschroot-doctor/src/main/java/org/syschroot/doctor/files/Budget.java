// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.files;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How much may be looked at in one image: time, files, bytes read, and memory for what is kept.
 * Everything that reads files of an image pays from it, so that no image, whatever it holds, takes
 * longer or needs more memory than that.
 *
 * <p>The time is given out in parts: each part ends when half of the time that was left at its
 * beginning is over, so however many parts use up theirs, the next one has some. Thread-safe.
 */
public final class Budget {
  /** The time for one image if nothing else is said. */
  public static final Duration STANDARD_TIME = Duration.ofMinutes(2);

  private static final long MOST_FILES = 20_000_000;
  private static final long MOST_BYTES = 4L << 30;
  private static final long MOST_KEPT = 32 << 20;
  private static final long SHORTEST_PART = Duration.ofMillis(100).toNanos();

  private final Duration time;
  private final LongSupplier clock;
  private final long end;
  private long partStart;
  private long partEnd;
  private long files;
  private long bytes;
  private long kept;
  private boolean withdrawn;

  private Budget(Duration time, LongSupplier clock, long end) {
    this.time = time;
    this.clock = clock;
    this.end = end;
    beginPart();
  }

  /** Returns one with the standard time, which begins now. */
  public static Budget standard() {
    return of(STANDARD_TIME, System::nanoTime);
  }

  /**
   * Returns one that begins now.
   *
   * @param time how long it lasts
   * @param clock a clock as {@link System#nanoTime()}
   */
  public static Budget of(Duration time, LongSupplier clock) {
    return new Budget(time, clock, clock.getAsLong() + time.toNanos());
  }

  /** Begins the next part. */
  public synchronized void beginPart() {
    partStart = clock.getAsLong();
    partEnd = partStart + Math.max(SHORTEST_PART, (end - partStart) / 2);
  }

  /** Returns how much time is left for this part, zero if none. */
  public synchronized Duration leftOfPart() {
    return Duration.ofNanos(Math.max(0, partEnd - clock.getAsLong()));
  }

  /** Returns whether so little of this part's time is left that no long search should go on. */
  synchronized boolean isNearlySpent() {
    return withdrawn || clock.getAsLong() - partStart > (partEnd - partStart) / 4 * 3;
  }

  /**
   * Ends this budget for those who pay from it, and returns one with what is left for others: for
   * use when somebody does not come back from a look at a file.
   */
  public synchronized Budget withdraw() {
    withdrawn = true;
    Budget rest = new Budget(time, clock, end);
    rest.files = files;
    rest.bytes = bytes;
    return rest;
  }

  /** Pays for looking at some files. */
  synchronized void payFiles(int count) {
    files += count;
    check(files, MOST_FILES, "files to check");
  }

  /** Pays for reading. */
  synchronized void payBytes(long count) {
    bytes += count;
    check(bytes, MOST_BYTES, "bytes to read");
  }

  /**
   * Pays for memory that is used as long as the image is looked at.
   *
   * @param count about how many bytes
   */
  public synchronized void payKept(long count) {
    kept += count;
    check(kept, MOST_KEPT, "bytes to keep in memory");
  }

  private void check(long spent, long limit, String what) {
    if (withdrawn || clock.getAsLong() - partEnd > 0) {
      throw new BudgetSpentException(
          "it takes longer than its share of the " + time.toSeconds() + " s for an image");
    }
    if (spent > limit) {
      throw new BudgetSpentException("there are more than " + limit + " " + what);
    }
  }
}
