// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;

/** What a scheduler is told that only the settings of a site know. */
final class SubmitDefinedIT {
  private static final String DEFINITION =
      "[submit.definition]\ncommand = [\"jobq\", \"add\"]\nflags = [\"x\", \"wait\"]\n"
          + "spool = [\"/var\"]\n";

  private TestSite site;

  @BeforeEach
  void createSite() throws Exception {
    site = TestSite.empty();
  }

  @AfterEach
  void removeSite() throws Exception {
    site.close();
  }

  private Outcome syschroot(String definition, String... words) throws Exception {
    site.image(
        "deb32",
        "root = \""
            + TestImages.deb32()
            + "\"\n[launchers]\ndirectory = \"/bin4\"\nnames = [\"deb32\", \"sh\"]\n"
            + "[submit]\nscheduler = \"jobq\"\n"
            + definition);
    List<String> all = new ArrayList<>(site.wordsOf(words[0]));
    all.addAll(List.of(words).subList(1, words.length));
    return Program.of(all).run();
  }

  private String command(String more, String... arguments) throws Exception {
    List<String> words =
        new ArrayList<>(List.of("submit", "--dry-run", "--no-check", "deb32", "--"));
    words.addAll(List.of(arguments));
    Outcome outcome = syschroot(DEFINITION + more, words.toArray(String[]::new));
    assertThat(outcome.status()).as("%s", outcome).isZero();
    return outcome.outText().replace("env -u SYSCHROOT_IMAGE ", "").strip();
  }

  @Test
  void submit_launcherBeforeTheCommand_leavesWordsAsTheyAre() throws Exception {
    assertThat(command("launcher = \"word\"\n", "-x", "-n", "2", "--wait", "make", "a b"))
        .isEqualTo("jobq add -x -n 2 --wait /bin4/deb32 make 'a b'");
  }

  @Test
  void submit_launcherAsOption_isTheJobsShell() throws Exception {
    assertThat(command("launcher = \"option\"\noption = \"-s\"\n", "-n2", "-s", "/bin/sh", "j"))
        .isEqualTo("jobq add -n2 -s /bin4/sh j");
  }

  @Test
  void explain_spoolOfTheDefinition_isMounted() throws Exception {
    Outcome outcome = syschroot(DEFINITION + "launcher = \"word\"\n", "explain", "deb32", "true");

    assertThat(outcome.outText()).contains("/var").contains("by submit");
  }

  @Test
  void submit_nameWithoutDefinition_isRefused() throws Exception {
    Outcome outcome = syschroot("", "submit", "--dry-run", "deb32", "--", "job");

    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText()).contains("scheduler \"jobq\" is unknown");
  }
}
