// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people type without looking it up, and the answers to what they mistype. */
class CommandHabitsIT {
  private static TestSite site;

  @BeforeAll
  static void makeSite() throws Exception {
    site = TestSite.withDeb32();
  }

  @AfterAll
  static void removeSite() throws Exception {
    site.close();
  }

  private static Outcome syschroot(String... words) throws Exception {
    List<String> all = new ArrayList<>();
    all.add(TestImages.command().toString());
    all.add("--config");
    all.add(site.directory().toString());
    all.addAll(List.of(words));
    return Program.of(all).run();
  }

  @Test
  void image_withoutSubcommand_isRun() throws Exception {
    assertThat(syschroot("deb32", "uname", "-m")).hasToString("status 0\nout: i686\n\nerr: ");
    assertThat(syschroot("deb32", "--user", "nobody", "--", "id", "-un"))
        .hasToString("status 0\nout: nobody\n\nerr: ");
  }

  @Test
  void run_commandLine_isTheShellsWithItsArguments() throws Exception {
    assertThat(syschroot("run", "-c", "echo \"$0:$1\"; uname -m", "deb32", "zero", "a b"))
        .hasToString("status 0\nout: zero:a b\ni686\n\nerr: ");
    assertThat(syschroot("run", "deb32", "-c", "exit 7").status()).isEqualTo(7);
    assertThat(syschroot("run", "-d", "/usr", "-u", "nobody", "-c", "id -un; pwd", "deb32"))
        .hasToString("status 0\nout: nobody\n/usr\n\nerr: ");
  }

  @ParameterizedTest
  @CsvSource({
    "--env V=1 --unset-env V, unset",
    "--unset-env V --env V=1, 1",
    "--env V=1 --env V=2, 2",
    "--env V=1 --unset-env V --env V=3, 3",
  })
  void run_variableSetAndRemoved_lastOptionCounts(String options, String expected)
      throws Exception {
    List<String> words = new ArrayList<>(List.of("run"));
    words.addAll(List.of(options.split(" ")));
    words.addAll(List.of("deb32", "--", "sh", "-c", "echo ${V-unset}"));
    assertThat(syschroot(words.toArray(String[]::new)).outText()).isEqualTo(expected + "\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lsit|2|\"lsit\" is neither a command of syschroot nor an image|did you mean list? All"
            + " commands:"
            + " syschroot --help; all images: syschroot list",
        "help frob|2|no such command: \"frob\"|All commands: syschroot --help; all images:"
            + " syschroot list",
        "deb23|2|\"deb23\" is neither a command of syschroot nor an image|did you mean deb32? All"
            + " commands: syschroot --help; all images: syschroot list",
        "syslog stauts|2|no such command: \"syslog stauts\"|did you mean status? syschroot syslog"
            + " --help",
        "-x list|2|unknown option -x|syschroot --help",
        "launcher show no-such|125|no such launcher: no-such|give the pathname of its file; all"
            + " launchers of images: syschroot status",
        "run deb32 no-such|127|deb32: cannot find the command no-such in the image along PATH:"
            + " ENOENT (No such file or directory)|install the program in the image, or add its"
            + " directory to PATH, which is the caller's",
        "list extra|2|unexpected argument extra|syschroot list --help",
        "list --josn|2|unknown option --josn|did you mean --json? syschroot list --help",
        "run deb32 --bind|125|missing value of --bind: SOURCE[:TARGET[:OPTIONS]]|syschroot run"
            + " --help",
        "-v|2|missing command|syschroot --help",
        "syslog -q|2|missing command|syschroot syslog --help",
        "show|2|missing argument IMAGE|syschroot show --help",
        "run deb32 cd /|127|deb32: cannot find the command cd in the image along PATH: ENOENT (No"
            + " such file or directory)|cd is a shell builtin; run it by a shell: sh -c 'cd /'",
      })
  void anything_mistyped_saysWhatAndWhatToDo(String words, int status, String fact, String hint)
      throws Exception {
    assertThat(syschroot(words.split(" ")))
        .hasToString(
            "status " + status + "\nout: \nerr: syschroot: " + fact + "\nhint: " + hint + "\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "status",
        "doctor",
        "mount --all",
        "mount --all --dry-run",
        "umount --all",
        "umount --all --dry-run",
        "prune",
        "prune --keep 0",
        "link --all",
        "syslog status",
        "syslog relay --all"
      })
  void question_ofAMachineWithoutImages_hasAStatusOfItsOwn(String words) throws Exception {
    try (TestSite bare = TestSite.empty()) {
      List<String> all = new ArrayList<>();
      all.addAll(List.of(TestImages.command().toString(), "--config"));
      all.add(bare.directory().toString());
      all.addAll(List.of(words.split(" ")));
      Outcome outcome = Program.of(all).run();
      assertThat(outcome.status()).isEqualTo(3);
      assertThat(outcome.outText()).isEmpty();
      assertThat(outcome.errText())
          .startsWith("syschroot: there are no images in " + bare.directory())
          .contains("\nhint: create one with");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"list", "list --versions", "sync --all"})
  void answer_ofAMachineWithoutImages_saysThatThereAreNone(String words) throws Exception {
    try (TestSite bare = TestSite.empty()) {
      List<String> all = new ArrayList<>();
      all.addAll(List.of(TestImages.command().toString(), "--config"));
      all.add(bare.directory().toString());
      all.addAll(List.of(words.split(" ")));
      assertThat(Program.of(all).run())
          .hasToString(
              "status 0\nout: \nerr: syschroot: there are no images in "
                  + bare.directory()
                  + "/images.d\n");
    }
  }

  @Test
  void run_aSourceThatIsMissing_leavesNothingInTheImage() throws Exception {
    assertThat(
            syschroot(
                "run", "--bind", "/srv:/made", "--bind", "/no/such:/too", "deb32", "--", "true"))
        .hasToString(
            "status 125\nout: \nerr: syschroot: deb32: cannot mount /no/such: not found on the host:"
                + " ENOENT\nhint: correct the pathname, or add the option \"optional\"\n");
    assertThat(TestImages.deb32().resolve("made")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/hostname:/usr",
        "/etc/hostname:/bin",
        "/usr:/etc/passwd/x",
        "/etc/hostname:/etc/passwd/x"
      })
  void run_aPlaceOfAnotherType_leavesNothingOfEarlierMountsInTheImage(String bind)
      throws Exception {
    Outcome outcome =
        syschroot("run", "--bind", "/srv:/made/a", "--bind", bind, "deb32", "--", "true");
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText()).contains("cannot mount " + bind + ": ").contains("\nhint: ");
    assertThat(TestImages.deb32().resolve("made")).doesNotExist();
  }

  @Test
  void run_aFileOnADirectory_saysThatTheyDiffer() throws Exception {
    assertThat(syschroot("run", "--bind", "/etc/hostname:/usr", "deb32", "--", "true").errText())
        .contains("/etc/hostname is a file, /usr in the image is a directory");
    assertThat(syschroot("run", "--bind", "/usr:/etc/passwd", "deb32", "--", "true").errText())
        .contains("the source is a directory, /etc/passwd in the image is a file");
  }

  @Test
  void run_bindAtAConfiguredTarget_replacesIt() throws Exception {
    assertThat(
            syschroot(
                "run", "--bind", "/usr:/tmp", "-d", "/", "deb32", "--", "ls", "-d", "/tmp/bin"))
        .hasToString("status 0\nout: /tmp/bin\n\nerr: ");
  }

  @Test
  void run_withoutAMount_hasTheImagesOwnDirectory() throws Exception {
    assertThat(syschroot("run", "-c", "mountpoint -q /proc; echo $?", "deb32").outText())
        .isEqualTo("0\n");
    assertThat(
            syschroot(
                    "run",
                    "--without-mount",
                    "/proc",
                    "-c",
                    "ls -A /proc | wc -l",
                    "-d",
                    "/",
                    "deb32")
                .outText())
        .isEqualTo("0\n");
  }

  @Test
  void explain_json_isShortForItsFormat() throws Exception {
    for (String[] way : List.of(new String[] {"--json"}, new String[] {"--format", "json"})) {
      List<String> words = new ArrayList<>(List.of("explain"));
      words.addAll(List.of(way));
      words.addAll(List.of("deb32", "--", "true"));
      JsonObject plan =
          JsonParser.parseString(syschroot(words.toArray(String[]::new)).outText())
              .getAsJsonObject();
      assertThat(plan.keySet()).contains("image", "root", "steps", "cached");
    }
  }

  @Test
  void show_forPeople_hasNoJson() throws Exception {
    assertThat(syschroot("show", "deb32").outText())
        .contains("personality        linux32 ")
        .doesNotContain("null")
        .doesNotContainPattern("[\\[{\"]");
  }
}
