// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** What takes long says how far it is on a terminal, and nothing of it where it is piped. */
@RequiresRoot
@RequiresCommand({"debootstrap", "mksquashfs", "script", "unshare"})
class ProgressIT {
  @TempDir private Path folder;
  private TestSite site;

  @BeforeEach
  void makeSite() throws Exception {
    site = TestSite.empty();
    for (String name : List.of("one", "two")) {
      Path root = folder.resolve(name);
      Files.createDirectories(root.resolve("data"));
      site.image(name, "root = \"" + root.toRealPath() + "\"\nmounts = [\"/usr:/data\"]\n");
    }
    folder.toFile().setReadable(true, false);
    folder.toFile().setExecutable(true, false);
  }

  @AfterEach
  void removeSite() throws Exception {
    site.close();
  }

  private String command(String words) {
    return TestImages.command() + " " + words.replace("CONFIG", "--config " + site.directory());
  }

  private static Outcome ofTwoWays(boolean onTerminal, String command) throws Exception {
    List<String> words = new ArrayList<>(List.of("unshare", "-m", "--propagation", "private"));
    words.addAll(
        onTerminal
            ? List.of("script", "-qec", command, "/dev/null")
            : List.of("sh", "-c", command));
    return Program.of(words).run();
  }

  private void check(String command, String... shown) throws Exception {
    checkUndoing(command, "true", shown);
  }

  private void checkUndoing(String command, String between, String... shown) throws Exception {
    Outcome terminal = ofTwoWays(true, command(command));
    assertThat(ofTwoWays(false, between).status()).isZero();
    assertThat(terminal.outText()).as("%s", terminal).contains(shown);
    Outcome piped = ofTwoWays(false, command(command));
    assertThat(piped.status()).as("%s", piped).isEqualTo(terminal.status());
    assertThat(piped.outText() + piped.errText())
        .doesNotContain("\r", "\033")
        .doesNotContain(shown);
  }

  @Test
  void mount_all_countsImagesAndSaysWhatWasDone() throws Exception {
    check(
        "mount CONFIG --all",
        "\r\033[K[1/2] one",
        "\r\033[K[2/2] two",
        "syschroot: 2 mounts made in 2 images\r\n");
  }

  @Test
  void doctor_countsImages() throws Exception {
    check("doctor CONFIG", "\r\033[Kexamining one [1/2]", "\r\033[Kexamining two [2/2]\r\033[K");
    check("doctor CONFIG one", "\r\033[Kexamining one\r\033[K");
  }

  @ParameterizedTest
  @CsvSource({
    "TERM=xterm, '', true",
    "TERM=xterm NO_COLOR=, '', true",
    "TERM=xterm NO_COLOR=1, '', false",
    "TERM=dumb, '', false",
    "TERM=xterm, ' --no-color', false",
  })
  void doctor_onATerminal_hasColorsUnlessUnwanted(String variables, String option, boolean colors)
      throws Exception {
    String command = "env -u NO_COLOR " + variables + " " + command("doctor CONFIG one" + option);
    Pattern color = Pattern.compile("\033\\[[0-9;]*m");
    Outcome terminal = ofTwoWays(true, command);
    assertThat(color.matcher(terminal.outText()).find()).as("%s", terminal).isEqualTo(colors);
    assertThat(terminal.outText()).contains("one");
    assertThat(color.matcher(ofTwoWays(false, command).outText()).find()).isFalse();
  }

  @Test
  void pack_showsWhatItsProgramSays() throws Exception {
    Path file = folder.resolve("a.squashfs");
    checkUndoing("pack CONFIG one " + file, "rm " + file, "\r\033[Kpacking: ");
  }

  @Test
  void create_fromHostPrograms_showsWhatIsCopied() throws Exception {
    checkUndoing(
        "create CONFIG made --root " + folder.resolve("made") + " --from-host sh",
        command("remove CONFIG --yes made"),
        "\r\033[Kcopying: ");
  }

  @Test
  void createAndUpdate_fromAnArchive_showTheFilesAndSayWhatWasDone() throws Exception {
    Path tree = Files.createDirectories(folder.resolve("tree/bin"));
    for (int i = 0; i < 30; i++) {
      Files.writeString(tree.resolve("file" + i), "x");
    }
    Path archive = folder.resolve("tree.tar");
    Program.of("tar", "-C", folder + "/tree", "-cf", archive.toString(), ".").run();
    String from = " --from " + archive;
    // Versions are only kept where users cannot create files.
    Path place = Files.createTempDirectory(TestImages.checkout().resolve("target"), "progress");
    try {
      checkUndoing(
          "create CONFIG made --root " + place.resolve("made") + from,
          command("remove CONFIG --yes made"),
          "\r\033[K" + archive + ": ");
      check("update CONFIG made" + from, "\r\033[K" + archive + ": ");
      assertThat(ofTwoWays(true, command("update CONFIG made" + from)).outText())
          .containsPattern("\r\\x1b\\[Kimage made: version 4 sha256:[0-9a-f]{64}\r\n$");
    } finally {
      Program.of("rm", "-rf", "--one-file-system", place.toString()).run();
    }
  }

  @Test
  void firstBuild_showsModulesAndErrorsOnly() throws Exception {
    Path checkout = Files.createDirectory(folder.resolve("checkout"));
    Files.createDirectories(checkout.resolve("config"));
    Files.createDirectories(checkout.resolve("syschroot-cli/src/main"));
    Files.writeString(checkout.resolve("pom.xml"), "<project/>");
    for (String file : List.of("syschroot", "config/checkout.pl")) {
      Files.copy(
          TestImages.checkout().resolve(file),
          checkout.resolve(file),
          StandardCopyOption.COPY_ATTRIBUTES);
    }
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Path mvn =
        Files.writeString(
            bin.resolve("mvn"),
            "#!/bin/sh\necho '[INFO] Building syschroot-core 0.1.0-SNAPSHOT       [2/3]'\n"
                + "echo '[INFO] compiling'\necho '[WARNING] old'\necho '[ERROR] no such thing'\n"
                + "exit 1\n");
    mvn.toFile().setExecutable(true, false);
    String command = "PATH=" + bin + ":$PATH " + checkout.resolve("syschroot") + " --version";

    Outcome terminal = ofTwoWays(true, command);
    Outcome piped = ofTwoWays(false, command);

    assertThat(terminal.outText())
        .contains("\r\033[K[2/3] syschroot-core\r\033[K[ERROR] no such thing")
        .doesNotContain("compiling", "old");
    assertThat(piped.errText())
        .contains("syschroot: building (first use", "[ERROR] no such thing\n")
        .doesNotContain("\r", "syschroot-core", "compiling", "old");
  }
}
