// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.Program;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** A start that is killed while it leaves its plan for the next one. */
@RequiresRoot
@RequiresCommand({"debootstrap", "setpriv"})
class CachedStartKilledIT {
  private static final int MOST_ENTRIES = 64;
  private static final int ROUNDS = Dose.of(40, 2000);
  private static final String RIGHT = "status 0\nout: \nerr: ";

  private CachedStarts starts;
  private List<String> words;

  @BeforeEach
  void createSite() throws Exception {
    starts = new CachedStarts();
    words = starts.words(false, "run", starts.image, "--", "true");
    words.add(words.indexOf("env") + 1, "HOME=/"); // the same by each way of starting it here
  }

  @AfterEach
  void removeSite() throws Exception {
    starts.remove();
  }

  private Path directory() {
    return starts.runtime.resolve("syschroot/starts");
  }

  private List<Path> files() throws Exception {
    try (Stream<Path> files = Files.list(directory())) {
      return files.toList();
    }
  }

  @Test
  void run_killedAtAnyMoment_leavesAWholeEntryOrNoneAndTheNextIsRight() throws Exception {
    Files.createSymbolicLink(starts.home.resolve("bin"), starts.java.home().resolve("bin"));
    assertThat(Program.of(words).run()).hasToString(RIGHT);
    Files.delete(starts.entry(false));
    long begun = System.nanoTime();
    assertThat(Program.of(words).run()).hasToString(RIGHT);
    long duration = System.nanoTime() - begun;
    SplittableRandom random = new SplittableRandom(begun);
    int killed = 0;
    for (int i = 0; i < ROUNDS; i++) {
      Files.deleteIfExists(starts.entry(false));
      Process start = new ProcessBuilder(words).redirectErrorStream(true).start();
      start.waitFor(random.nextLong(duration / 3, duration), TimeUnit.NANOSECONDS);
      start.destroyForcibly();
      killed += start.waitFor() == 137 ? 1 : 0;

      assertThat(Program.of(words).run()).as("seed %d, round %d", begun, i).hasToString(RIGHT);
      assertThat(starts.entry(false)).isRegularFile();
    }
    assertThat(killed).isPositive();
    Files.delete(starts.home.resolve("bin"));
    assertThat(Program.of(words).run()).hasToString(RIGHT);
  }

  @Test
  void unfinishedFiles_ofStartsThatWereKilled_areRemovedAsTheOldest() throws Exception {
    assertThat(starts.with(words)).hasToString(RIGHT);
    for (int i = 0; i < MOST_ENTRIES + 20; i++) {
      Path left = Files.writeString(directory().resolve(".syschroot-" + i + ".new"), "half");
      Files.setAttribute(left, "unix:uid", CachedStarts.NOBODY);
      Files.setLastModifiedTime(left, FileTime.from(Instant.ofEpochSecond(1_000_000 + i)));
    }
    Files.delete(starts.entry(false));

    assertThat(starts.with(words)).hasToString(RIGHT);

    assertThat(files()).hasSizeLessThanOrEqualTo(MOST_ENTRIES).contains(starts.entry(false));
  }
}
