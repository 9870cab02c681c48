// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.mounts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.Syschroot;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.TestImages;
import org.syschroot.path.ImagePath;
import org.syschroot.plan.MountNamespace;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.spawn.SwitchedProcess;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** What is mounted in an image is one answer, whoever asks. */
@InOwnMountNamespace
@RequiresCommand("debootstrap")
class MountAgreementIT {
  @TempDir Path folder;
  private MountSite at;
  private String before;

  @BeforeEach
  void makeSite() throws Exception {
    at = new MountSite(folder);
    at.deb32("/proc", "HOST/data:/mnt");
    MountSite.host("mount", "--make-rshared", "/");
    before = MountSite.table();
  }

  @AfterEach
  void removeSite() throws Exception {
    at.close();
  }

  private Outcome read(String... options) throws Exception {
    List<String> words = new ArrayList<>(List.of(options));
    words.addAll(List.of("--directory", "/", "deb", "--", "cat", "/mnt/f"));
    return at.run("run", words.toArray(new String[0]));
  }

  /** Asks as a Java program that enters images would. */
  private String embedded(MountNamespace namespace) throws Exception {
    Syschroot syschroot = Syschroot.load(at.site.directory());
    SwitchRequest request =
        SwitchRequest.in(syschroot.image("deb"))
            .command("true")
            .directory(ImagePath.ROOT)
            .mountNamespace(namespace);
    try {
      syschroot.plan(request);
      return "";
    } catch (SwitchException e) {
      return e.getMessage();
    }
  }

  /** Starts a child as a Java program that enters images would. */
  private String spawned() throws Exception {
    Syschroot syschroot = Syschroot.load(at.site.directory());
    SwitchRequest request =
        SwitchRequest.in(syschroot.image("deb")).command("cat", "/mnt/f").directory(ImagePath.ROOT);
    try {
      SwitchedProcess process = syschroot.start(request);
      process.getOutputStream().close();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).isZero();
      return out;
    } catch (SwitchException e) {
      return e.getMessage();
    }
  }

  private Outcome submitted() throws Exception {
    Path script = Files.writeString(at.directory.resolve("job.sh"), "#!/bin/sh\ncat /mnt/f\n");
    return at.run("submit", "--scheduler", "torque", "--dry-run", "deb", "--", script.toString());
  }

  private void assertAllRefuse(String reason) throws Exception {
    for (String option : List.of("--private", "--shared", "--quiet")) {
      Outcome outcome = read(option);
      assertThat(outcome.status()).as("%s: %s", option, outcome).isEqualTo(125);
      assertThat(outcome.errText()).as(option).contains(reason).doesNotContain("of the host");
    }
    for (MountNamespace namespace : MountNamespace.values()) {
      assertThat(embedded(namespace)).as("%s", namespace).contains(reason);
    }
    assertThat(spawned()).contains(reason);
    Outcome job = submitted();
    assertThat(job.status()).as("%s", job).isEqualTo(125);
    assertThat(job.errText()).contains("/mnt");
    for (String format : List.of("text", "sh")) {
      Outcome explained = at.run("explain", "--format", format, "deb", "--", "cat", "/mnt/f");
      assertThat(explained.status()).isEqualTo(125);
      assertThat(explained.errText()).as(format).contains(reason);
      assertThat(explained.outText()).isEmpty();
    }
    assertThat(at.run("mount", "deb").status()).isEqualTo(125);
    assertThat(at.run("link", "deb", "--into", at.directory.toString()).status()).isEqualTo(125);
  }

  @Test
  void foreignMount_stopsEveryWay() throws Exception {
    MountSite.host("mount", "-t", "tmpfs", "none", TestImages.deb32() + "/mnt");
    assertThat(at.run("status", "deb").outText()).contains("foreign  " + at.host + "/data:/mnt");
    assertAllRefuse("/mnt in the image is not the configured mount");
    MountSite.host("umount", TestImages.deb32() + "/mnt");
    assertThat(read()).hasToString(MountSite.success("of the host"));
    assertThat(spawned()).isEqualTo("of the host");
    assertThat(MountSite.table()).isEqualTo(before);
  }

  @Test
  void overMountedTarget_isForeignToEveryWay() throws Exception {
    assertThat(at.run("mount", "deb").status()).isZero();
    MountSite.host("mount", "-t", "tmpfs", "none", TestImages.deb32() + "/mnt");
    assertThat(at.run("status", "deb").outText()).contains("foreign  " + at.host + "/data:/mnt");
    assertAllRefuse("/mnt in the image is not the configured mount");
    MountSite.host("umount", TestImages.deb32() + "/mnt");
    assertThat(read("--shared")).hasToString(MountSite.success("of the host"));
    assertThat(spawned()).isEqualTo("of the host");
    assertThat(submitted().errText()).contains("no launchers").doesNotContain("/mnt");
    assertThat(at.run("umount", "deb")).hasToString(MountSite.success(""));
    assertThat(MountSite.table()).isEqualTo(before);
  }

  @Test
  void replacedFile_isStaleAndMountedOverForOneCommandOnly() throws Exception {
    ImageTree.of(at.host, "file g old");
    at.deb32("/proc", "HOST/data:/mnt", "HOST/g:/srv/g:file");
    assertThat(at.run("mount", "deb").status()).isZero();
    Path fresh = Files.writeString(at.host.resolve("g.new"), "new");
    MountSite.host("mv", fresh.toString(), at.host + "/g");
    String up = MountSite.table();
    assertThat(at.run("status", "deb").outText())
        .contains("stale    " + at.host + "/g:/srv/g:file");
    String[] command = {"--directory", "/", "deb", "--", "cat", "/srv/g"};
    for (String option : List.of("--private", "--no-new-privileges")) {
      List<String> words = new ArrayList<>(List.of(option));
      words.addAll(List.of(command));
      Outcome outcome = at.run("run", words.toArray(new String[0]));
      assertThat(outcome.outText()).as("%s", outcome).isEqualTo("new");
      assertThat(outcome.errText()).contains("/srv/g is stale").contains("mounted again");
      assertThat(MountSite.table()).isEqualTo(up);
    }
    Outcome shared = at.run("run", "--shared", "--directory", "/", "deb", "--", "cat", "/srv/g");
    assertThat(shared.status()).isEqualTo(125);
    assertThat(shared.errText()).contains("/srv/g in the image is stale");
    assertThat(at.run("umount", "deb")).hasToString(MountSite.success(""));
    assertThat(MountSite.table()).isEqualTo(before);
  }

  @Test
  void targetIsASymbolicLinkInTheImage_isMountedToEveryWay() throws Exception {
    Path link = TestImages.deb32().resolve("linked");
    Files.createSymbolicLink(link, Path.of("/mnt"));
    try {
      at.deb32("/proc", "HOST/data:/linked");
      assertThat(at.run("mount", "deb").status()).isZero();
      String up = MountSite.table();
      assertThat(at.run("status", "deb").status()).isZero();
      Outcome explained = at.run("explain", "--directory", "/", "deb", "--", "true");
      assertThat(explained.outText()).doesNotContain("namespace", "rbind");
      assertThat(read("--shared")).hasToString(MountSite.success("of the host"));
      assertThat(MountSite.table()).isEqualTo(up);
      assertThat(at.run("umount", "deb")).hasToString(MountSite.success(""));
      assertThat(MountSite.table()).isEqualTo(before);
    } finally {
      Files.delete(link);
    }
  }
}
