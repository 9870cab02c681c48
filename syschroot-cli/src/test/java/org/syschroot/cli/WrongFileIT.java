// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.testing.InOwnMountNamespace;

/** One wrong file among those of images: the others go on, and the wrong one is told each time. */
@InOwnMountNamespace
class WrongFileIT {
  @TempDir Path folder;
  private MountSite at;
  private Path bad;
  private String refusal;

  @BeforeEach
  void makeSite() throws Exception {
    at = new MountSite(folder);
    at.image("good", at.root, "HOST/data:/data");
    bad = at.site.file("bad");
    Files.writeString(bad, "root = \"/sysroot/bad\"\naliases = [\"worse\"]\nnofile = \"many\"\n");
    refusal = "syschroot: " + bad + ":3:1: \"nofile\" must be a whole number\n";
  }

  @AfterEach
  void removeSite() throws Exception {
    at.run("umount", "good");
    at.close();
  }

  private Outcome assertGoesOn(int status, String command, String... words) throws Exception {
    Outcome outcome = at.run(command, words);
    assertThat(outcome.status()).as("%s", outcome).isEqualTo(status);
    assertThat(outcome.errText()).containsOnlyOnce(refusal);
    return outcome;
  }

  @Test
  void list_someFileIsWrong_showsTheOthersAndEndsWith1() throws Exception {
    assertThat(assertGoesOn(1, "list").outText()).startsWith("good  " + at.root);
    assertThat(assertGoesOn(1, "list", "--json", "--quiet").outText()).contains("\"good\"");
  }

  @Test
  void mountAndStatus_ofAll_goOnWithTheOthersAndEndWith1() throws Exception {
    assertGoesOn(1, "mount", "--all");
    assertThat(at.mounted()).contains("image/data");
    assertThat(assertGoesOn(1, "status").outText()).contains("mounted");
    assertGoesOn(1, "umount", "--all");
    assertThat(at.mounted()).isEmpty();
  }

  @Test
  void mountAndStatus_ofAnother_tellOfItAndSucceed() throws Exception {
    assertGoesOn(0, "mount", "good");
    assertGoesOn(0, "status", "good");
    assertThat(at.run("status", "--quiet", "good").errText()).isEmpty();
    assertGoesOn(0, "umount", "good");
  }

  @Test
  void doctor_ofAll_examinesTheOthersAndEndsWith1() throws Exception {
    assertThat(assertGoesOn(1, "doctor").outText()).contains("good");
    Outcome nagios = at.run("doctor", "--nagios");
    assertThat(nagios.status()).isEqualTo(2);
    assertThat(nagios.outText())
        .startsWith("SYSCHROOT CRITICAL: ")
        .contains("\nconfiguration: error: " + bad + ":3:1: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bad", "worse"})
  void any_nameOfTheWrongFile_isRefusedWithWhatIsWrong(String name) throws Exception {
    for (String command : new String[] {"run", "explain", "mount", "umount", "status", "show"}) {
      assertThat(at.run(command, name)).hasToString("status 125\nout: \nerr: " + refusal);
    }
  }

  @Test
  void run_another_tellsOfItAndRuns() throws Exception {
    Outcome outcome = assertGoesOn(127, "run", "--directory", "/", "good", "--", "no-such-command");
    assertThat(outcome.errText()).startsWith(refusal).contains("no-such-command");
    assertThat(at.run("run", "-q", "--directory", "/", "good", "--", "none").errText())
        .doesNotContain("whole number");
  }

  @Test
  void run_unknownName_saysThatTheWrongFileMayNameIt() throws Exception {
    assertThat(assertGoesOn(125, "run", "other").errText())
        .endsWith(
            "no such image: other: all images: syschroot list; it may be configured in a file"
                + " that was refused\n");
  }

  @Test
  void run_aliasOfTwoFiles_isRefusedAndTheirNamesAreNot() throws Exception {
    Files.writeString(bad, "root = \"/sysroot/bad\"\naliases = [\"both\"]\n");
    Path good = at.site.file("good");
    Files.writeString(good, "aliases = [\"both\"]\n" + Files.readString(good));
    Outcome refused = at.run("status", "both");
    assertThat(refused.status()).isEqualTo(125);
    assertThat(refused.errText())
        .startsWith("syschroot: " + good + ":1:1: \"both\" already names the image bad");
    assertThat(at.run("umount", "good").status()).isZero();
    assertThat(at.run("list").status()).isEqualTo(1);
  }

  @Test
  void which_prompt_staysSilent() throws Exception {
    assertThat(at.run("which", "--prompt").errText()).isEmpty();
    assertThat(at.run("which").errText()).isEqualTo(refusal);
  }

  @Test
  void list_manyWrongFiles_areAllToldAndOthersCountThem() throws Exception {
    for (int i = 0; i < 5; i++) {
      Files.writeString(at.site.file("x" + i), "root = 7\n");
    }
    assertThat(at.run("list").errText().lines()).hasSize(6);
    assertThat(at.run("umount", "good").errText().lines())
        .hasSize(4)
        .last()
        .isEqualTo("syschroot: and 3 more; all: syschroot list");
  }
}
