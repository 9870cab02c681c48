// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syschroot.cli.launcher.LinkSite.BIN;
import static org.syschroot.cli.launcher.LinkSite.MNT;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.OrdinaryUser;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** {@code man NAME} of an image's launcher, by the man(1) of this machine. */
@InOwnMountNamespace
@RequiresCommand({"debootstrap", "man", "mandoc", "useradd", "runuser"})
class LauncherManualIT {
  private static final Path PAGE = BIN.resolve("share/man/man1/deb.1");

  private LinkSite at;

  @BeforeEach
  void makeSite() throws Exception {
    at = new LinkSite();
    at.site.image(
        "deb",
        "root = \""
            + at.root
            + "\"\ndescription = \".so \\\\fB an old-style \\\"Debian\\\"\"\n"
            + "mounts = []\n[launchers]\ndirectory = \"/mnt/bin4\"\nnames = [\"deb\", \"sh\"]\n");
    MountSite.host(
        "sh", "-c", "umask 077; mkdir -p /mnt/prefix/bin /mnt/prefix/share; chmod -R 755 /mnt");
  }

  @AfterEach
  void removeSite() throws Exception {
    MountSite.host("rm", "-rf", at.root + "/mnt/prefix");
    at.close();
  }

  private void linked(Path into) throws Exception {
    Outcome outcome = at.run("link", "deb", "--into", into.toString());
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(outcome.errText()).isEmpty();
  }

  private static Outcome man(Path bin, String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of("env", "-i", "LC_ALL=C.UTF-8"));
    all.add("PATH=" + bin + ":/usr/bin:/bin");
    all.add("man");
    all.addAll(List.of(words));
    return Program.of(all).run();
  }

  @Test
  void link_image_manFindsItsPage() throws Exception {
    linked(BIN);
    assertThat(man(BIN, "-w", "deb").outText()).isEqualTo(PAGE + "\n");
    assertThat(man(BIN, "deb").outText().replaceAll(".\b", "").replaceAll("\\s+", " "))
        .contains("deb - run commands in the image deb (.so \\fB an old-style \"Debian\")")
        .contains("root directory " + at.root)
        .contains("syschroot launcher show /mnt/bin4/deb")
        .contains("syschroot(1)");
    assertThat(man(BIN, "--warnings", "deb").errText()).isEmpty();
    MountSite.host("mandoc", "-T", "lint", "-W", "warning", PAGE.toString());
    for (Path path = PAGE; !path.equals(BIN); path = path.getParent()) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .startsWith("rw")
          .endsWith(path.equals(PAGE) ? "r--r--" : "r-xr-x");
    }
  }

  @Test
  void link_placesThatManLooksAtFirst_haveThePage() throws Exception {
    Path bin = MNT.resolve("prefix/bin");
    linked(bin);
    Path beside = MNT.resolve("prefix/share/man/man1/deb.1");
    assertThat(man(bin, "-w", "deb").outText()).isEqualTo(beside + "\n");
    MountSite.host("rm", "-r", MNT.resolve("prefix/share/man").toString());
    Files.createDirectory(MNT.resolve("prefix/man"));
    linked(bin);
    assertThat(man(bin, "-w", "deb").outText()).isEqualTo("/mnt/prefix/man/man1/deb.1\n");
    assertThat(beside).doesNotExist();
  }

  @Test
  void link_programs_havePagesOfTheHost() throws Exception {
    assertThat(at.run("link", "deb", "--into", BIN.toString(), "sh").status()).isZero();
    assertThat(BIN.resolve("share")).doesNotExist();
  }

  @Test
  void unlink_image_takesThePageAway() throws Exception {
    linked(BIN);
    assertThat(PAGE).exists();
    assertThat(at.run("unlink", "deb", "--into", BIN.toString()).status()).isZero();
    assertThat(BIN).isEmptyDirectory();
    linked(BIN);
    Files.writeString(PAGE.resolveSibling("other.1"), ".TH OTHER 1\n");
    assertThat(at.run("unlink", BIN + "/deb").status()).isZero();
    assertThat(PAGE).doesNotExist();
    assertThat(PAGE.resolveSibling("other.1")).exists();
  }

  @Test
  void link_configuration_writesOnePage() throws Exception {
    assertThat(at.run("link", "deb").status()).isZero();
    assertThat(PAGE.getParent().toFile().list()).containsExactly("deb.1");
    assertThat(at.run("unlink", "deb").status()).isZero();
    assertThat(BIN).isEmptyDirectory();
  }

  private void assertLinkedWithout(String why) throws Exception {
    Outcome outcome = at.run("link", "deb", "--into", BIN.toString());
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(outcome.errText())
        .startsWith("syschroot: /mnt/bin4/deb: no manual page was written: ")
        .contains(why);
    assertThat(BIN.resolve("deb")).exists();
  }

  @Test
  void link_pageOfOthers_staysAsItIs() throws Exception {
    Files.createDirectories(PAGE.getParent());
    Files.writeString(PAGE, ".TH DEB 1\n");
    assertLinkedWithout("another page has its name");
    assertThat(PAGE).hasContent(".TH DEB 1");
    assertThat(at.run("unlink", "deb", "--into", BIN.toString()).status()).isZero();
    assertThat(PAGE).hasContent(".TH DEB 1");
    // One of another launcher is not of this one either.
    String other = ".\\\" Written by \"syschroot link\" for the launcher /mnt/bin5/deb\n";
    Files.writeString(PAGE, other);
    assertLinkedWithout("another page has its name");
    assertThat(PAGE).hasContent(other.strip());
  }

  @Test
  void link_linksAndDirectoriesOfUsers_areNotWrittenThrough() throws Exception {
    Path victim = Files.writeString(MNT.resolve("victim"), "of the host");
    Files.createDirectories(PAGE.getParent());
    Files.createSymbolicLink(PAGE, victim);
    assertLinkedWithout("another page has its name");
    assertThat(at.run("unlink", "deb", "--into", BIN.toString()).status()).isZero();
    assertThat(PAGE).isSymbolicLink();
    Files.delete(PAGE);
    Path temporary = PAGE.resolveSibling(".syschroot-new-deb.1");
    Files.createSymbolicLink(temporary, victim);
    linked(BIN);
    assertThat(victim).hasContent("of the host");
    assertThat(PAGE).isRegularFile();
    Files.delete(PAGE);
    MountSite.host("chmod", "777", PAGE.getParent().toString());
    assertLinkedWithout("writable by users other than root");
    assertThat(PAGE).doesNotExist();
  }

  @Test
  void link_byAnOrdinaryUser_manFindsItsPage() throws Exception {
    try (OrdinaryUser user = OrdinaryUser.create()) {
      String script =
          """
          set -e
          "$0" create mine --root ~/mine --from-host sh
          mkdir -p ~/bin ~/.local/bin ~/.local/share
          for bin in bin .local/bin; do
            "$0" link mine --into ~/$bin
            PATH=~/$bin:$PATH man -w mine
            PATH=~/$bin:$PATH man mine | grep 'image mine'
            "$0" unlink ~/$bin/mine
          done
          find ~/bin ~/.local -type f
          """;
      Outcome outcome = user.program("sh", "-c", script, TestImages.command().toString()).run();
      assertThat(outcome.status()).as("%s", outcome).isZero();
      assertThat(outcome.outText().lines().filter(line -> line.matches("/home/.*[.]1|.* - .*")))
          .containsExactly(
              user.home() + "/bin/share/man/man1/mine.1",
              "       mine - run commands in the image mine",
              user.home() + "/.local/share/man/man1/mine.1",
              "       mine - run commands in the image mine");
      assertThat(outcome.outText()).endsWith("removed " + user.home() + "/.local/bin/mine\n");
    }
  }
}
