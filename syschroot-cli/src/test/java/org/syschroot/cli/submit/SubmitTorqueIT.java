// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;

/** What Torque is told of an image without launchers, for which it can only change root. */
final class SubmitTorqueIT {
  private TestSite site;

  @BeforeEach
  void createSite() throws Exception {
    site = TestSite.empty();
  }

  @AfterEach
  void removeSite() throws Exception {
    site.close();
  }

  private Outcome submit(String settings) throws IOException, InterruptedException {
    return submit(TestImages.deb32().toString(), settings);
  }

  private Outcome submit(String root, String settings) throws IOException, InterruptedException {
    site.image("deb32", "root = \"" + root + "\"\nmounts = []\n" + settings + "\n");
    List<String> words = new ArrayList<>(site.wordsOf("submit"));
    words.addAll(List.of("--scheduler", "torque", "--dry-run", "--no-check", "deb32"));
    words.addAll(List.of("--", "job.sh"));
    return Program.of(words).run();
  }

  @Test
  void submit_personalityReadFromThePrograms_isNoBareChangeOfRoot() throws Exception {
    Outcome outcome = submit("");

    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.outText()).isEmpty();
    assertThat(outcome.errText()).contains("\"qsub -D\" ignores");
  }

  @ParameterizedTest
  @ValueSource(strings = {"personality = \"linux32\"", "nofile = 1024", "cwd = \"same\""})
  void submit_furtherSetting_isNoBareChangeOfRoot(String setting) throws Exception {
    assertThat(submit(setting).status()).isEqualTo(125);
  }

  @Test
  void submit_imageOfOtherNodesOnly_isAChangeOfRoot() throws Exception {
    Outcome outcome = submit("/no/such/root", "cwd = \"home\"");

    assertThat(outcome)
        .hasToString("status 0\nout: env -u SYSCHROOT_IMAGE qsub -D /no/such/root job.sh\n\nerr: ");
  }
}
