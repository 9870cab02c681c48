// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syschroot.cli.launcher.LinkSite.BIN;
import static org.syschroot.cli.launcher.LinkSite.MNT;

import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.Outcome;
import org.syschroot.testing.Dose;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.Seeds;

/** {@code link} killed at any moment: what is there is a launcher, the old one or the new one. */
@InOwnMountNamespace
@RequiresCommand("debootstrap")
class LinkKilledIT {
  private LinkSite at;

  @BeforeEach
  void makeSite() throws Exception {
    at = new LinkSite();
    configure("");
  }

  @AfterEach
  void removeSite() throws Exception {
    at.close();
  }

  private void configure(String more) throws Exception {
    at.site.image("deb", "root = \"" + at.root + "\"\nmounts = []\n" + more);
  }

  private ProcessBuilder link() throws Exception {
    return new ProcessBuilder(at.site.wordsOf("link", "deb", "--into", BIN.toString()))
        .redirectErrorStream(true)
        .redirectOutput(MNT.resolve("log").toFile());
  }

  @Test
  void link_killedAtAnyMoment_leavesTheOldLauncherOrTheNew() throws Exception {
    long started = System.nanoTime();
    assertThat(link().start().waitFor()).isZero();
    long whole = System.nanoTime() - started;
    Path launcher = BIN.resolve("deb");
    SplittableRandom random = new SplittableRandom(Long.getLong(Seeds.PROPERTY, 20261128));
    int killed = 0;
    int times = Dose.of(10, 200);
    for (int i = 0; i < times; i++) {
      configure(i % 2 == 0 ? "no-new-privileges = true\n" : "");
      Process process = link().start();
      // The later half: before, it only reads.
      long moment = whole / 2 + random.nextLong(whole / 2);
      if (!process.waitFor(moment, TimeUnit.NANOSECONDS)) {
        process.destroyForcibly().waitFor();
        killed++;
      }
      Outcome shown = at.run("launcher", "show", "--json", launcher.toString());
      assertThat(shown.status()).as(shown.errText()).isZero();
      assertThat(JsonParser.parseString(shown.outText()).getAsJsonObject().get("privileged"))
          .hasToString("true");
      try (Stream<Path> names = Files.list(BIN)) {
        assertThat(names.map(path -> path.getFileName().toString()))
            .contains("deb")
            .isSubsetOf("deb", ".syschroot-new-deb", "share");
      }
    }
    assertThat(link().start().waitFor()).isZero();
    assertThat(BIN.toFile().list()).containsExactlyInAnyOrder("deb", "share"); // its manual page
    System.out.println(times + " times link, " + killed + " of them killed");
    assertThat(killed).isPositive();
  }
}
