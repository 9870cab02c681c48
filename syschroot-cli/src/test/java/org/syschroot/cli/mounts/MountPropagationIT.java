// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.mounts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** What is mounted on the host later, or inside an image, and who sees it. */
@InOwnMountNamespace
class MountPropagationIT {
  private static final String PRIVATE =
      "the mounts of the host are private, so later mounts of the host do not appear in"
          + " /data /home; to change this, before syschroot mounts: mount --make-rshared /\n";

  @TempDir Path folder;
  private MountSite at;
  private String before;

  @BeforeEach
  void makeSite() throws Exception {
    at = new MountSite(folder);
    at.plain();
    MountSite.host("mount", "--make-rshared", "/");
    before = MountSite.table();
  }

  @AfterEach
  void removeSite() throws Exception {
    at.close();
  }

  private String inImage(String... command) throws Exception {
    List<String> words = new ArrayList<>(List.of("--directory", "/", "deb", "--"));
    words.addAll(List.of(command));
    Outcome outcome = at.run("run", words.toArray(new String[0]));
    return outcome.outText() + outcome.errText();
  }

  @Test
  @RequiresCommand("debootstrap")
  void lateTmpfs_appearsInTheImageAndDisappears() throws Exception {
    at.deb32("/proc", "HOST/data:/mnt");
    at.run("mount", "deb");
    at.tmpfs("host/data/sub");
    Files.writeString(at.host.resolve("data/sub/late"), "came late");
    assertThat(inImage("cat", "/mnt/sub/late")).isEqualTo("came late");
    at.unmount("host/data/sub");
    assertThat(inImage("ls", "/mnt/sub")).isEmpty();
    // And it can be taken down while something late is mounted in it, which stays on the host.
    at.tmpfs("host/data/sub");
    String late = at.mounted().toString();
    assertThat(at.run("umount", "deb")).hasToString(MountSite.success(""));
    assertThat(at.mounted()).hasToString(late).containsExactly("host/data/sub");
  }

  @Test
  @RequiresCommand("debootstrap")
  void mountedInsideTheImage_isNotSeenOutside() throws Exception {
    at.deb32("/proc", "HOST/data:/mnt");
    at.run("mount", "deb");
    List<String> up = at.mounted();
    Outcome outcome =
        at.run("run", "--directory", "/", "deb", "--", "mount", "-t", "tmpfs", "none", "/mnt/sub");
    assertThat(outcome).hasToString(MountSite.success(""));
    assertThat(at.mounted()).isEqualTo(up).doesNotContain("host/data/sub");
    MountSite.host("umount", TestImages.deb32() + "/mnt/sub");
    assertThat(at.run("umount", "deb")).hasToString(MountSite.success(""));
    assertThat(MountSite.table()).isEqualTo(before);
  }

  @Test
  @RequiresCommand("debootstrap")
  void lateAutofs_isMountedByAVisitFromTheImage() throws Exception {
    assertThat(Files.readString(Path.of("/proc/filesystems"))).contains("autofs");
    at.deb32("/proc", "HOST/data:/mnt");
    at.run("mount", "deb");
    String script = at.script("automounter.pl").toString();
    try (Program.Running daemon = Program.of("perl", script, at.host + "/data/sub").start()) {
      for (int i = 0; i < 500 && !daemon.outSoFar().equals("ready\n"); i++) {
        assertThat(daemon.process().waitFor(20, TimeUnit.MILLISECONDS)).isFalse();
      }
      assertThat(inImage("cat", "/mnt/sub/late")).isEqualTo("came late");
      assertThat(at.run("status", "deb").status()).isZero();
      assertThat(at.run("umount", "deb")).hasToString(MountSite.success(""));
      // What the automounter has mounted on the host is its own business.
      assertThat(at.mounted()).containsExactly("host/data/sub", "host/data/sub");
      at.unmount("host/data/sub");
      at.unmount("host/data/sub");
    }
    assertThat(MountSite.table()).isEqualTo(before);
  }

  @Test
  void privateFileSystems_oneLineSaysThatNothingComesLate() throws Exception {
    MountSite.host("mount", "--make-rprivate", "/");
    String notice = "syschroot: plain: " + PRIVATE;
    assertThat(at.run("mount", "plain")).hasToString(MountSite.success("") + notice);
    assertThat(at.run("status", "plain"))
        .hasToString(MountSite.success(at.plainStatus("mounted")) + notice);
    assertThat(at.run("mount", "--quiet", "plain")).hasToString(MountSite.success(""));
    at.tmpfs("host/data/sub");
    assertThat(at.mounted()).containsExactly("image/data", "image/home", "host/data/sub");
  }
}
