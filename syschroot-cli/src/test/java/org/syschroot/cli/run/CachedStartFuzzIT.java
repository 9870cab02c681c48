// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.cli.Outcome;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;
import org.syschroot.testing.Seeds;

/** Whatever has happened to an entry, it is executed as it was written or not at all. */
@RequiresRoot
@RequiresCommand({"debootstrap", "setpriv"})
class CachedStartFuzzIT {
  private static final int KINDS = 8;

  private CachedStarts starts;

  @BeforeEach
  void createSite() throws Exception {
    starts = new CachedStarts();
  }

  @AfterEach
  void removeSite() throws Exception {
    starts.remove();
  }

  /** Returns what some mishap makes of a file, which may be the same again. */
  private static byte[] damaged(byte[] good, SplittableRandom random) {
    byte[] bytes = good.clone();
    int at = random.nextInt(bytes.length);
    int length = 1 + random.nextInt(random.nextBoolean() ? 8 : 4096);
    int end = Math.min(bytes.length, at + length);
    int other = random.nextInt(bytes.length - (end - at) + 1);
    switch (random.nextInt(KINDS)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> {
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      case 2 -> {
        for (int i = at; i < end; i++) {
          bytes[i] = (byte) random.nextInt(256);
        }
      }
      case 3 -> Arrays.fill(bytes, at, end, (byte) 0);
      case 4 -> System.arraycopy(good, other, bytes, at, end - at);
      case 5 -> { // two parts have changed places
        System.arraycopy(good, other, bytes, at, end - at);
        System.arraycopy(good, at, bytes, other, end - at);
      }
      case 6 -> bytes = Arrays.copyOf(bytes, at);
      default -> bytes = Arrays.copyOf(bytes, bytes.length + length);
    }
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void entry_damagedInAnyWay_isNeverExecuted(boolean asRoot) throws Exception {
    SplittableRandom random = new SplittableRandom(Long.getLong(Seeds.PROPERTY, 20261129));
    starts.prime(asRoot);
    Path entry = starts.entry(asRoot);
    byte[] good = Files.readAllBytes(entry);
    int damages = Dose.of(60, 10_000);
    for (int i = 0; i < damages; i++) {
      byte[] bytes = damaged(good, random);
      Files.write(entry, bytes); // which keeps its owner and mode
      Outcome outcome = starts.withoutJava(asRoot, "run", starts.image, "--", "echo", "executed");
      if (Arrays.equals(bytes, good)) {
        assertThat(outcome).hasToString("status 0\nout: executed\n\nerr: ");
      } else {
        assertThat(outcome.outText()).as("damage %d", i).isEmpty();
        assertThat(outcome.errText()).as("damage %d", i).contains(CachedStarts.NO_JAVA);
        assertThat(outcome.status()).isEqualTo(125);
      }
    }
    Files.write(entry, good);
    starts.requireCached(asRoot, "run", starts.image, "--", "true");
  }
}
