// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.image.MountContributor;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.HostileContributors;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;
import org.syschroot.testing.SiteJarFile;

/** What the command does when a site's own code is broken. */
@RequiresRoot
@InOwnMountNamespace
@RequiresCommand("busybox")
class SiteCodeFailsIT {
  private static final String ANY_DIRECTORY = "--directory=/";

  @TempDir Path directory;
  private TestSite site;
  private Path jar;

  @BeforeEach
  void createSite() throws Exception {
    site = TestSite.empty();
    Path root = BusyboxImage.tree(directory.resolve("images"), "small");
    site.image("small", "root = \"" + root + "\"\nmounts = [\"/mnt\"]\n");
    jar = site.lib().resolve("site.jar");
    new SiteJarFile().service(MountContributor.class, HostileContributors.Throws.class).write(jar);
  }

  @AfterEach
  void removeSite() throws IOException {
    site.close();
  }

  private Outcome syschroot(String command, String... words)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>();
    all.add(TestImages.command().toString());
    all.addAll(List.of(command, "--config", site.directory().toString()));
    all.addAll(List.of(words));
    return Program.of(all).run();
  }

  private Outcome inImage(String command, String... options)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(options));
    if (List.of("run", "explain").contains(command)) {
      words.addAll(List.of(ANY_DIRECTORY, "small", "--", "true"));
    } else {
      words.add("small");
    }
    return syschroot(command, words.toArray(String[]::new));
  }

  private String expected(String image) {
    return "syschroot: "
        + image
        + "extension "
        + HostileContributors.Throws.class.getName()
        + ": the licence server is away (in "
        + jar
        + ")";
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "explain", "mount"})
  void command_contributorThatThrows_failsWithItsNameAndTheWayAround(String command)
      throws Exception {
    Outcome outcome = inImage(command);

    assertThat(outcome.status()).as("%s", outcome).isEqualTo(125);
    assertThat(outcome.errText())
        .isEqualTo(expected("small: ") + "\nhint: to run without extensions, use --no-site-code\n");
    assertThat(outcome.outText()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "explain", "mount", "umount", "doctor", "list", "show"})
  void command_noSiteCode_doesNotLookAtIt(String command) throws Exception {
    Files.writeString(jar, "no jar");

    Outcome outcome =
        command.equals("list")
            ? syschroot(command, "--no-site-code")
            : inImage(command, "--no-site-code");

    assertThat(outcome.status())
        .as("%s", outcome)
        .isIn(command.equals("doctor") ? List.of(0, 1) : List.of(0));
    assertThat(outcome.errText()).doesNotContain("site code");
    assertThat(outcome.outText()).doesNotContain("site-code");
  }

  @Test
  void umountAndStatus_brokenSiteCode_workWithoutItAndSaySo() throws Exception {
    assertThat(inImage("mount", "--no-site-code").status()).isZero();

    Outcome status = inImage("status");
    assertThat(status.status()).as("%s", status).isEqualTo(1);
    assertThat(status.outText()).contains("mounted").contains("/mnt");
    assertThat(status.errText())
        .startsWith(expected("") + ": mounts added by extensions are missing\n");
    assertThat(inImage("status", "--no-site-code").status()).isZero();

    Outcome umount = inImage("umount");
    assertThat(umount.status()).as("%s", umount).isZero();
    assertThat(umount.errText())
        .isEqualTo(expected("") + ": mounts added by extensions are missing\n");
    assertThat(inImage("status", "--no-site-code").outText()).contains("missing");
  }

  @Test
  void umountAndStatus_fileThatIsNoJar_workWithoutItAndSaySo() throws Exception {
    assertThat(inImage("mount", "--no-site-code").status()).isZero();
    Files.writeString(jar, "no jar");

    assertThat(inImage("status").errText())
        .startsWith("syschroot: extension " + jar + ": cannot read the jar: ");
    Outcome umount = inImage("umount");
    assertThat(umount.status()).as("%s", umount).isZero();
    assertThat(umount.errText())
        .startsWith("syschroot: extension " + jar + ": cannot read the jar");
    assertThat(inImage("status", "--no-site-code").outText()).contains("missing");
  }

  @Test
  void doctor_brokenSiteCode_isAFinding() throws Exception {
    Outcome outcome = inImage("doctor", "--verbose");

    assertThat(outcome.status()).as("%s", outcome).isEqualTo(1);
    assertThat(outcome.outText())
        .contains("site-code-broken")
        .contains(HostileContributors.Throws.class.getName())
        .contains(jar.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "explain", "mount"})
  void command_jarOfAnotherOwner_isRefusedWithTheWayToMendIt(String command) throws Exception {
    MountSite.host("chown", "65534", jar.toString());

    Outcome outcome = inImage(command);

    assertThat(outcome.status()).as("%s", outcome).isEqualTo(125);
    assertThat(outcome.errText())
        .contains("extension " + jar + ": ")
        .contains("belongs to uid 65534, not to root: chown root " + jar);
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "explain", "mount"})
  void command_directoryInPlaceOfAJar_isRefused(String command) throws Exception {
    Files.delete(jar);
    Files.createDirectory(jar);

    Outcome outcome = inImage(command);

    assertThat(outcome.status()).as("%s", outcome).isEqualTo(125);
    assertThat(outcome.errText()).contains("extension " + jar + ": not a regular file");
  }
}
