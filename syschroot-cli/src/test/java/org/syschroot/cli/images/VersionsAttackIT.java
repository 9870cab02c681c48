// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** What others could put where the versions of an image are kept, or in the place of its tree. */
@InOwnMountNamespace
@RequiresCommand({"busybox", "setpriv"})
class VersionsAttackIT {
  private VersionsSite at;

  @BeforeEach
  void makeSite() throws Exception {
    at = new VersionsSite();
  }

  @AfterEach
  void removeSite() throws Exception {
    at.remove();
  }

  @Test
  void update_somethingPlantedInThePlaceOfVersions_isRefused() throws Exception {
    Path elsewhere = Files.createDirectory(at.folder.resolve("elsewhere"));
    Files.createSymbolicLink(at.versions, elsewhere);
    refused("is not a directory that only its owner can change");
    Files.delete(at.versions);

    Files.createDirectory(at.versions);
    MountSite.host("chown", "65533", at.versions.toString());
    refused("is not a directory that only its owner can change");
    MountSite.host("chown", "0", at.versions.toString());
    MountSite.host("chmod", "777", at.versions.toString());
    refused("is not a directory that only its owner can change");
    MountSite.host("chmod", "755", at.versions.toString());

    Files.createSymbolicLink(at.versions.resolve("2"), elsewhere);
    refused("2 is not a directory that only its owner can change");
    Files.delete(at.versions.resolve("2"));
    Files.createSymbolicLink(at.versions.resolve("2.version"), Path.of("/etc/passwd"));
    refused("2.version cannot be read as the record of a version");
    Files.delete(at.versions.resolve("2.version"));
    assertThat(elsewhere).isEmptyDirectory();

    // A tree without a record is what an interrupted update leaves: it goes.
    Files.createDirectories(at.versions.resolve("2/root/etc"));
    Files.createSymbolicLink(at.versions.resolve("2/root/link"), elsewhere);
    at.update(2);
    assertThat(at.version()).isEqualTo("22");
    assertThat(elsewhere).exists();
  }

  /** Whoever may rename beside the root directory could exchange it as well. */
  @Test
  void update_rootInADirectoryOfAll_isRefused() throws Exception {
    Path shared = Files.createDirectory(at.folder.resolve("shared"));
    MountSite.host("chmod", "1777", shared.toString());
    Files.move(at.root, shared.resolve("tiny"));
    at.site.image("tiny", "root = \"" + shared + "/tiny\"\nmounts = []\ncwd = \"root\"\n");
    refused("in which all users can create files");
    assertThat(shared.resolve("tiny.versions")).doesNotExist();
  }

  private void refused(String message) throws Exception {
    Outcome outcome = at.syschroot("update", "tiny", "--from", at.source(2).toString());
    assertThat(outcome.status()).as("%s", outcome).isEqualTo(125);
    assertThat(outcome.errText()).contains(message);
    assertThat(at.version()).isEqualTo("11");
  }

  /** A launcher takes only what its owner has put beside the versions. */
  @Test
  void launcherOfAnImageWithVersions_treeOfAnotherUser_refuses() throws Exception {
    at.must("mount", "tiny");
    at.must("link", "tiny");
    at.update(2);
    at.must("umount", "tiny");
    Files.move(at.root, at.folder.resolve("moved"));
    Path planted = at.tree("tiny", 9);
    MountSite.host("chown", "65533", planted.toString());
    assertThat(at.job("cat /first").toString()).contains("status 125", "has been replaced");
    MountSite.host("rm", "-rf", planted.toString());
    Files.move(at.folder.resolve("moved"), at.root);

    Path holder =
        Files.createDirectory(at.folder.resolveSibling(at.folder.getFileName() + "-copy"));
    try {
      Path inside = Files.createDirectory(holder.resolve("tiny"));
      MountSite.host("mount", "--bind", holder.toString(), at.folder.toString());
      assertThat(inside).exists();
      MountSite.host("umount", at.folder.toString());
      Path copy = Files.copy(at.launcher, holder.resolve("l"));
      MountSite.host("setcap", "cap_sys_chroot=ep", copy.toString());
      MountSite.host("mount", "--bind", holder.toString(), at.folder.toString());
      assertThat(VersionsSite.job(at.folder.resolve("l"), "cat /first").toString())
          .contains("status 125", "has been replaced");
      MountSite.host("umount", at.folder.toString());
    } finally {
      MountSite.host("rm", "-rf", holder.toString());
    }
  }
}
