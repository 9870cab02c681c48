// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.uname;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.Syschroot;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;
import org.syschroot.image.Personality;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.personality.Uname;
import org.syschroot.personality.UnameDialect;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.spawn.SwitchedProcess;
import org.syschroot.testing.Dose;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** What a real i386 image's programs see of the machine, by every way into it. */
@InOwnMountNamespace
@RequiresCommand({"debootstrap", "setpriv", "../share/misc/config.guess"})
class PersonalityIT {
  private static final String UNSET = "";
  private static final List<String> FLAGS =
      List.of(
          "uname26",
          "addr-no-randomize",
          "fdpic-funcptrs",
          "mmap-page-zero",
          "addr-compat-layout",
          "read-implies-exec",
          "32bit",
          "short-inode",
          "whole-seconds",
          "sticky-timeouts",
          "3gb");
  private static final List<String> DOMAINS =
      List.of(
          "linux",
          "linux32",
          "svr4",
          "svr3",
          "scosvr3",
          "osr5",
          "wysev386",
          "iscr4",
          "sunos",
          "bsd",
          "xenix",
          "irix32",
          "irixn32",
          "irix64",
          "riscos",
          "solaris",
          "uw7",
          "osf4",
          "hpux");

  private TestSite site;
  private Path work;

  @BeforeEach
  void makeSite() throws Exception {
    site = TestSite.empty();
    configure(UNSET);
    work = Files.createTempDirectory(Path.of("/tmp"), "syschroot-personality");
    Files.copy(Path.of("/usr/share/misc/config.guess"), work.resolve("config.guess"));
    Program.of("chmod", "-R", "a+rX", work.toString()).run();
  }

  @AfterEach
  void removeSite() throws Exception {
    Program.of("rm", "-rf", work.toString()).run();
    site.close();
  }

  private void configure(String personality) throws Exception {
    site.image(
        "deb", "root = \"" + TestImages.deb32() + "\"\nmounts = [\"standard\"]\n" + personality);
  }

  private Outcome command(String name, String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of(TestImages.command().toString(), name));
    all.addAll(List.of("--config", site.directory().toString()));
    all.addAll(List.of(words));
    return Program.of(all).run();
  }

  private static String lines(String... lines) {
    return String.join("\n", lines) + "\n";
  }

  /** What is asked of the image, in one shell; the same for every way into it. */
  private String questions() {
    return "uname -m; setarch i686 uname -m; dpkg --print-architecture; sh "
        + work.resolve("config.guess")
        + "; uname -a";
  }

  private static String answers() throws IOException {
    Uname uname = Uname.running().under(Personality.of(List.of("linux32")));
    return lines("i686", "i686", "i386", "i686-pc-linux-gnu", uname.all(UnameDialect.GNU));
  }

  private static final String EXPLICIT = "personality = \"linux32\"\n";

  @ParameterizedTest
  @ValueSource(strings = {UNSET, EXPLICIT})
  void run_i386Image_is32Bits(String setting) throws Exception {
    configure(setting);
    assertThat(site.run("deb", "--", "sh", "-c", questions()))
        .hasToString("status 0\nout: " + answers() + "\nerr: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {UNSET, EXPLICIT})
  void spawn_i386Image_is32Bits(String setting) throws Exception {
    configure(setting);
    assertThat(spawn(SwitchRequest.in(image()).command("sh", "-c", questions())))
        .isEqualTo(answers());
  }

  @ParameterizedTest
  @ValueSource(strings = {UNSET, EXPLICIT})
  void launcher_i386Image_is32BitsForAnOrdinaryUser(String setting) throws Exception {
    configure(setting);
    Program.of("mount", "-t", "tmpfs", "-o", "mode=755", "none", "/mnt").run();
    Path bin = Files.createDirectory(Path.of("/mnt/bin4"));
    assertThat(command("mount", "deb").status()).isZero();
    try {
      assertThat(command("link", "deb", "--into", bin.toString()).status()).isZero();
      Outcome outcome =
          Program.of(
                  "setpriv",
                  "--reuid",
                  "65534",
                  "--clear-groups",
                  "env",
                  bin + "/deb",
                  "sh",
                  "-c",
                  questions())
              .run();
      assertThat(outcome).hasToString("status 0\nout: " + answers() + "\nerr: ");
    } finally {
      command("umount", "deb");
      Program.of("umount", "/mnt").run();
    }
  }

  @Test
  void launcherStatus_personalityReadFromTheImage_isUpToDateUntilTheSettingSaysOtherwise()
      throws Exception {
    Program.of("mount", "-t", "tmpfs", "-o", "mode=755", "none", "/mnt").run();
    Path bin = Files.createDirectory(Path.of("/mnt/bin4"));
    String launchers = "[launchers]\ndirectory = \"" + bin + "\"\n";
    configure(launchers);
    assertThat(command("mount", "deb").status()).isZero();
    try {
      assertThat(command("link", "deb").status()).isZero();
      assertThat(command("launcher", "show", bin + "/deb").outText()).contains("personality 0x8\n");
      assertThat(command("status", "deb").status()).isZero();
      configure(EXPLICIT + launchers);
      assertThat(command("status", "deb").status()).as("the same domain").isZero();
      configure("personality = \"linux\"\n" + launchers);
      Outcome changed = command("status", "deb");
      assertThat(changed.status()).isEqualTo(1);
      assertThat(changed.outText()).contains("outdated");
    } finally {
      command("umount", "deb");
      Program.of("umount", "/mnt").run();
    }
  }

  @Test
  void run_linuxIsSet_keepsTheMachineOf64Bits() throws Exception {
    configure("personality = \"linux\"\n");
    assertThat(site.run("deb", "--", "uname", "-m").outText())
        .isEqualTo(Uname.running().machine() + "\n");
    assertThat(site.run("--personality", "linux32,uname26", "deb", "uname", "-a").outText())
        .isEqualTo(
            Uname.running()
                    .under(Personality.of(List.of("linux32", "uname26")))
                    .all(UnameDialect.GNU)
                + "\n");
  }

  @Test
  void showAndExplain_noSetting_sayWhereItCameFrom() throws Exception {
    assertThat(command("show", "deb").outText())
        .containsPattern("personality +linux32 +read from the image\n");
    JsonObject json =
        JsonParser.parseString(command("show", "deb", "--json").outText()).getAsJsonObject();
    assertThat(json.getAsJsonArray("personality").get(0).getAsString()).isEqualTo("linux32");
    assertThat(json.getAsJsonObject("origins").get("personality").getAsString())
        .isEqualTo("read from the image");
    assertThat(command("explain", "deb", "--", "true").outText())
        .contains("set the personality linux32, read from the image");
    assertThat(command("explain", "--format", "sh", "deb", "--", "true").outText())
        .contains("set_personality(0x8);");
  }

  @Test
  void explain_ordinaryUser_readsTheSame() throws Exception {
    Outcome outcome =
        Program.of(
                "setpriv",
                "--reuid",
                "65534",
                "--clear-groups",
                "env",
                TestImages.command().toString(),
                "explain",
                "--config",
                site.directory().toString(),
                "deb",
                "--",
                "true")
            .run();
    assertThat(outcome.outText()).contains("set the personality linux32, read from the image");
  }

  @Test
  void run_twoDomains_isRefused() throws Exception {
    Outcome outcome = site.run("--personality", "linux32,linux", "deb", "true");
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText())
        .contains("\"linux32\" and \"linux\" are both domains: choose one");
  }

  /** Every domain with every flag in the heavy dose, all of each once in every run. */
  @Test
  void uname_anyPersonality_isForetold() throws Exception {
    Syschroot syschroot = Syschroot.load(site.directory());
    Uname running = Uname.running();
    UnameDialect dialect = UnameDialect.of(LinuxKernel.running(), syschroot.image("deb"));
    SplittableRandom random = new SplittableRandom(20261124);
    SoftAssertions softly = new SoftAssertions();
    int count = Dose.of(60, 1 << FLAGS.size());
    for (int i = 0; i < count; i++) {
      int flags = Dose.isHeavy() ? i : i < FLAGS.size() ? 1 << i : random.nextInt(1 << 11);
      List<String> domains =
          Dose.isHeavy() ? List.of("linux", "linux32") : List.of(DOMAINS.get(i % DOMAINS.size()));
      for (String domain : domains) {
        List<String> names = new ArrayList<>(List.of(domain));
        for (int bit = 0; bit < FLAGS.size(); bit++) {
          if ((flags & (1 << bit)) != 0) {
            names.add(FLAGS.get(bit));
          }
        }
        Personality personality = Personality.of(names);
        softly
            .assertThat(
                spawn(
                    syschroot,
                    SwitchRequest.in(syschroot.image("deb"))
                        .command("uname", "-a")
                        .directory("/")
                        .personality(personality)))
            .as("%s", names)
            .isEqualTo(running.under(personality).all(dialect) + "\n");
      }
    }
    softly.assertAll();
  }

  private org.syschroot.image.Image image() throws IOException {
    return Syschroot.load(site.directory()).image("deb");
  }

  private String spawn(SwitchRequest request) throws Exception {
    return spawn(Syschroot.load(site.directory()), request.directory("/tmp"));
  }

  private static String spawn(Syschroot syschroot, SwitchRequest request) throws Exception {
    SwitchedProcess process = syschroot.start(request);
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out + err).isZero();
    return out;
  }
}
