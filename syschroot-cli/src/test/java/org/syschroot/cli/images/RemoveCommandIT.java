// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.InOwnMountNamespace;

/** {@code remove} deletes an image's tree, and never anything else. */
@InOwnMountNamespace
class RemoveCommandIT {
  @TempDir Path folder;
  private MountSite at;

  @BeforeEach
  void makeSite() throws Exception {
    at = new MountSite(folder);
    ImageTree.of(
        at.root,
        "file usr/bin/tool x",
        "symlink etc/out " + at.host + "/data",
        "symlink etc/file " + at.host + "/data/f",
        "dir home/deep/er",
        "symlink home/deep/up ../../../host",
        "fifo etc/pipe");
    at.image("plain", at.root, "HOST/data:/data");
    Files.writeString(
        at.site.file("plain"), "aliases = [\"also\"]\n" + Files.readString(at.site.file("plain")));
  }

  @AfterEach
  void removeSite() throws Exception {
    assertThat(at.host.resolve("data/f")).hasContent("of the host");
    assertThat(at.host.resolve("data/sub")).isDirectory();
    assertThat(at.host.resolve("home/u")).isDirectory();
    at.close();
  }

  private void assertNothingDeleted() throws IOException {
    assertThat(at.root.resolve("usr/bin/tool")).hasContent("x");
    assertThat(at.root.resolve("home/deep/er")).isDirectory();
    assertThat(Files.isSymbolicLink(at.root.resolve("etc/out"))).isTrue();
    assertThat(at.site.file("plain")).exists();
  }

  @Test
  void remove_nothingMounted_deletesTheTreeAndPutsSettingsAside() throws Exception {
    Path aside = at.site.file("plain").resolveSibling("plain.toml.removed");
    assertThat(at.run("remove", "plain"))
        .hasToString(
            ("status 0\nout: removed ROOT; its configuration file is now ASIDE\n\nerr: syschroot:"
                    + " removing ROOT\n")
                .replace("ROOT", at.root.toString())
                .replace("ASIDE", aside.toString()));
    assertThat(at.root).doesNotExist();
    assertThat(at.site.file("plain")).doesNotExist();
    assertThat(aside).exists();
    assertThat(at.run("list").outText()).doesNotContain("plain");
  }

  @Test
  void remove_mountsAreUp_refuses() throws Exception {
    at.run("mount", "plain");
    Outcome outcome = at.run("remove", "plain");
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText()).contains(at.root + "/data");
    assertNothingDeleted();
    at.run("umount", "plain");
    assertThat(at.run("remove", "plain").status()).isZero();
  }

  /** Any user of an image can make this. */
  @Test
  void remove_directoriesDeeperThanAnyPath_needLittleMemory() throws Exception {
    String lines = "for (1 .. 60000) { mkdir 'x' or die $!; chdir 'x' or die $! }";
    Process perl =
        new ProcessBuilder("perl", "-e", lines).directory(at.root.toFile()).inheritIO().start();
    assertThat(perl.waitFor()).isZero();
    try {
      assertThat(at.run("remove", "plain").errText())
          .isEqualTo("syschroot: removing " + at.root + "\n");
      assertThat(at.root).doesNotExist();
    } finally {
      MountSite.host("rm", "-rf", at.root.toString());
    }
  }

  @Test
  void remove_bindMountOfTheSameFileSystem_refuses() throws Exception {
    MountSite.host("mount", "--bind", at.host + "/data", at.root + "/home/deep/er");
    assertThat(Files.getAttribute(at.root.resolve("home/deep/er"), "unix:dev"))
        .isEqualTo(Files.getAttribute(at.root, "unix:dev"));
    Outcome outcome = at.run("remove", "plain");
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText()).contains(at.root + "/home/deep/er");
    assertNothingDeleted();
  }

  @Test
  void remove_mountInAnotherProcessesNamespaceOnly_refusesAndNamesTheProcess() throws Exception {
    String script =
        "mount --bind " + at.host + "/data " + at.root + "/home && echo ready && exec sleep 60";
    try (Program.Running other = Program.of("unshare", "--mount", "sh", "-c", script).start()) {
      awaitReady(other);
      assertThat(at.mounted()).isEmpty();
      Outcome outcome = at.run("remove", "plain");
      assertThat(outcome.status()).isEqualTo(125);
      assertThat(outcome.errText())
          .contains(
              at.root
                  + "/home (in the mount namespace of process "
                  + other.pid()
                  + ","
                  + " sleep)");
      assertNothingDeleted();
    }
  }

  private static void awaitReady(Program.Running program) throws Exception {
    for (int i = 0; i < 500 && !program.outSoFar().equals("ready\n"); i++) {
      assertThat(program.process().waitFor(20, TimeUnit.MILLISECONDS)).isFalse();
    }
  }

  /** A layer hides the tree from the mount table that other processes see. */
  @ParameterizedTest
  @ValueSource(strings = {"--private", "--throw-away", "--rootless"})
  void remove_commandRunsInTheImage_refusesAndNamesIt(String how) throws Exception {
    Path shell = ImageTree.of(at.directory.resolve("small"), "dir etc");
    Files.delete(shell.resolve("etc"));
    Files.delete(shell);
    Outcome created =
        at.run("create", "small", "--root", shell.toString(), "--from-host", "sh", "sleep", "echo");
    assertThat(created.status()).as("%s", created).isZero();
    at.image("small", shell); // no mount shows another way to the tree
    try (Program.Running inside =
        Program.of(
                at.words(
                    "run",
                    how,
                    "--directory",
                    "/",
                    "small",
                    "--",
                    "sh",
                    "-c",
                    "echo ready; exec sleep 60"))
            .start()) {
      awaitReady(inside);
      Outcome outcome = at.run("remove", "small");
      assertThat(outcome.status()).as("%s", outcome).isEqualTo(125);
      assertThat(outcome.errText())
          .isEqualTo(
              ("syschroot: removing ROOT\nsyschroot: will not delete ROOT while pid %s (sleep) runs"
                      + " in it: wait for its end\n")
                  .formatted(inside.pid())
                  .replace("ROOT", shell.toString()));
      assertThat(shell.resolve("etc")).isDirectory();
    }
    Outcome removed = at.run("remove", "small");
    assertThat(removed.status()).as("%s", removed).isZero();
    assertThat(shell).doesNotExist();
    assertThat(Path.of("/bin/sh")).exists();
  }

  @Test
  void remove_alias_isRefused() throws Exception {
    assertThat(at.run("remove", "also"))
        .hasToString(
            "status 125\nout: \nerr: syschroot: also is an alias of plain: use the name to remove"
                + " the image\n");
    assertNothingDeleted();
  }

  @Test
  void remove_rootIsASymbolicLink_isRefused() throws Exception {
    Path link = Files.createSymbolicLink(at.directory.resolve("link"), at.root);
    at.image("link", link);
    assertThat(at.run("remove", "link"))
        .hasToString(
            ("status 125\nout: \nerr: syschroot: removing LINK\nsyschroot: will not delete ROOT,"
                    + " because a symbolic link in LINK points to it\n")
                .replace("ROOT", at.root.toString())
                .replace("LINK", link.toString()));
    assertNothingDeleted();
  }

  @Test
  void remove_rootIsAMountPoint_isRefused() throws Exception {
    MountSite.host("mount", "--bind", at.host.toString(), at.root.toString());
    assertThat(at.run("remove", "plain"))
        .hasToString(
            ("status 125\nout: \nerr: syschroot: removing ROOT\nsyschroot: will not delete what is"
                    + " mounted on ROOT: unmount it first\n")
                .replace("ROOT", at.root.toString()));
    MountSite.host("umount", at.root.toString());
    assertNothingDeleted();
  }
}
