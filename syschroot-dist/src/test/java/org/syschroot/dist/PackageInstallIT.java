// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syschroot.dist.Shell.run;

import com.google.common.collect.Sets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** The Debian package, through the life of an installation. */
@InOwnMountNamespace
@RequiresCommand({"debootstrap", "dpkg-deb"})
class PackageInstallIT {
  private static final Path PACKAGE = Path.of(System.getProperty("syschroot.dist.deb"));

  @TempDir Path folder;

  private BareTree tree;

  @BeforeEach
  void makeTree() throws Exception {
    tree = BareTree.in(folder.toRealPath());
  }

  private String copied(Path deb) throws IOException {
    String inside = "/tmp/" + deb.getFileName();
    Files.copy(deb, tree.resolve(inside.substring(1)));
    return inside;
  }

  /** Installs as an administrator does, who keeps changed files of configuration. */
  private void install(Path deb) throws IOException, InterruptedException {
    tree.chroot(
        "dpkg", "--force-confdef", "--force-confold", "--force-unsafe-io", "-i", copied(deb));
  }

  private List<String> archives() throws IOException {
    try (Stream<Path> files = Files.list(tree.resolve("var/cache/syschroot"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.endsWith(".stat"))
          .toList();
    }
  }

  @Test
  void installedPackage_useUpgradeAndPurge_worksAndLeavesNothing() throws Exception {
    Set<String> before = tree.files();

    // By apt, which looks whether a Java runtime is all that it needs.
    tree.chroot("apt-get", "-q", "-y", "--no-install-recommends", "install", copied(PACKAGE));
    assertThat(tree.chroot("syschroot", "--version")).startsWith("syschroot 0.");
    assertThat(archives()).hasSize(1);
    assertThat(tree.chroot("syschroot", "demo")).contains("Everything is as documented.");
    // An ordinary user has no way to write an archive, and uses root's.
    assertThat(tree.chroot("setpriv", "--reuid=1000", "--clear-groups", "syschroot", "list"))
        .isEqualTo("syschroot: there are no images in /etc/syschroot/images.d\n");
    assertThat(tree.chroot("dpkg", "--verify", "syschroot")).isEmpty();
    tree.chroot("syschroot", "create", "tiny", "--root", "/srv/tiny", "--from-host", "sh");
    Files.createDirectories(tree.resolve("etc/systemd/system"));
    tree.chroot("syschroot", "mount", "--install-boot");

    Path defaults = tree.resolve("etc/syschroot/syschroot.toml");
    String changed = "[defaults]\ndescription = \"ours\"\n";
    Files.writeString(defaults, changed);
    install(LaterVersion.of(PACKAGE, folder.toRealPath()));
    assertThat(defaults).hasContent(changed);
    assertThat(tree.resolve("etc/syschroot/syschroot.toml.dpkg-dist"))
        .content()
        .endsWith("# of the next version\n");
    assertThat(archives()).hasSize(1);
    assertThat(tree.chroot("syschroot", "show", "tiny")).contains("ours");
    tree.chroot("syschroot", "remove", "tiny");

    tree.chroot("dpkg", "--remove", "syschroot");
    assertThat(defaults).hasContent(changed);
    assertThat(tree.outcome("syschroot", "--version").status()).isEqualTo(127);
    assertThat(tree.resolve("var/cache/syschroot")).doesNotExist();

    tree.chroot("dpkg", "--purge", "syschroot");
    Set<String> after = tree.files();
    assertThat(Sets.difference(after, before)).as("left behind").isEmpty();
    assertThat(Sets.difference(before, after)).as("taken away").isEmpty();
  }

  @Test
  void purge_filesOfSomebodyElse_stay() throws Exception {
    install(PACKAGE);
    Path own = Files.writeString(tree.resolve("etc/syschroot/images.d/README"), "ours\n");
    tree.chroot("dpkg", "--purge", "syschroot");
    assertThat(own).hasContent("ours\n");
  }

  @Test
  void remove_imageInUse_saysWhatStaysAndHowToRemoveIt() throws Exception {
    install(PACKAGE);
    tree.useAnImage();
    assertThat(tree.chroot("dpkg", "--remove", "syschroot"))
        .satisfies(BareTree::assertTellsWhatStays);
    assertThat(tree.resolve("usr/local/bin/tiny")).exists();
  }

  @Test
  void documentation_ofThePackage_isThere() throws Exception {
    assertThat(run("dpkg-deb", "-c", PACKAGE.toString()))
        .contains("./usr/share/doc/syschroot/README.md\n")
        .contains("./usr/share/doc/syschroot/docs/administrator.md\n")
        .contains("./usr/share/man/man7/syschroot.7.gz\n");
  }

  @Test
  void tar_unpackedAnywhere_runsWithItsOwnJars() throws Exception {
    Path tar = Path.of(System.getProperty("syschroot.dist.tar"));
    Path opt = tree.resolve("opt");
    run("tar", "-xzf", tar.toString(), "-C", opt.toString(), "--no-same-owner");
    String name = tar.getFileName().toString().replace(".tar.gz", "");
    assertThat(tree.chroot("/opt/" + name + "/bin/syschroot", "--version"))
        .startsWith("syschroot 0.");
    assertThat(tree.chroot("sh", "-c", "ln -s /opt/*/bin/syschroot /usr/bin && syschroot list"))
        .contains("no images");
    try (Stream<Path> files = Files.list(opt.resolve(name).resolve("share/syschroot"))) {
      assertThat(files.filter(file -> file.toString().endsWith(".jsa"))).hasSize(1);
    }
  }
}
