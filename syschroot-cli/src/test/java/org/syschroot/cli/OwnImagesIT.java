// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** Images that an ordinary user has, in directories of their own. */
@RequiresRoot
@RequiresCommand({"useradd", "userdel", "runuser"})
class OwnImagesIT {
  private static TestSite site;
  private OrdinaryUser user;

  @BeforeAll
  static void build() throws Exception {
    site = TestSite.empty();
  }

  @AfterAll
  static void removeSite() throws Exception {
    site.close();
  }

  @BeforeEach
  void createUser() throws Exception {
    user = OrdinaryUser.create();
  }

  @AfterEach
  void removeUser() throws Exception {
    user.close();
  }

  @Test
  void create_byAnOrdinaryUser_isTheirOwnImageAndRootDoesNotSeeIt() throws Exception {
    Path root = user.createImage("sh");

    assertThat(Files.getAttribute(root.resolve("usr"), "unix:uid")).isEqualTo(user.uid());
    assertThat(user.syschroot("list").run().outText()).contains("mine  " + root);
    assertThat(user.syschroot("show", "mine").run().outText())
        .contains(user.images().resolve("mine.toml:1:1").toString());
    Outcome byRoot =
        Program.of("env", "HOME=" + user.home(), TestImages.command().toString(), "list").run();
    assertThat(byRoot.toString()).doesNotContain("mine");
    Outcome removed = user.syschroot("remove", "--yes", "mine").run();
    assertThat(removed.status()).as("%s", removed).isZero();
    assertThat(root).doesNotExist();
    assertThat(user.syschroot("list").run().outText()).doesNotContain("mine");
  }

  @Test
  void list_directoryOfXdgConfigHome_isTheOneThatIsRead() throws Exception {
    user.createImage("sh");
    Path other = user.home().resolve("other");
    Outcome moved = user.program("mv", ".config", other.toString()).run();
    assertThat(moved.status()).as("%s", moved).isZero();

    assertThat(user.syschroot("list").run().outText()).doesNotContain("mine");
    Outcome listed =
        user.program("env", "XDG_CONFIG_HOME=" + other, TestImages.command().toString(), "list")
            .run();
    assertThat(listed.outText()).contains("mine");
  }

  @Test
  void explain_ownRootThatOthersCanWriteOrOwn_isRefused() throws Exception {
    Path root = user.createImage("sh");
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxrwxr-x"));
    assertThat(user.syschroot("explain", "mine").run().toString())
        .contains("status 125", "is writable by users other than root");

    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setAttribute(root, "unix:uid", 65534);
    assertThat(user.syschroot("explain", "mine").run().toString())
        .contains("status 125", "belongs to uid 65534, neither to root nor to you");

    Files.setAttribute(root, "unix:uid", 0);
    assertThat(user.syschroot("explain", "mine").run().status()).isZero();
  }

  @Test
  void remove_imageOfTheSystem_isRefused() throws Exception {
    Path root = user.createImage("sh");
    site.image("shared", "root = \"" + root + "\"\n");

    assertThat(
            user.syschroot("remove", "--config", site.directory().toString(), "shared")
                .run()
                .toString())
        .contains("status 125", "shared", "only root can remove it");
    assertThat(root).exists();
  }

  @Test
  void list_settingsThatSomebodyElseCouldHaveWritten_areRefused() throws Exception {
    user.createImage("sh");
    Files.setAttribute(user.images().resolve("mine.toml"), "unix:uid", 65534);

    assertThat(user.syschroot("list").run().toString())
        .contains("status 1", "mine.toml", "belongs to uid 65534");
    assertThat(user.syschroot("run", "mine").run().status()).isEqualTo(125);
  }
}
