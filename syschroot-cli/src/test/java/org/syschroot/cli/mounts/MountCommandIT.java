// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.mounts;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** {@code mount}, {@code umount} and {@code status}, and {@code run} on top of them. */
@InOwnMountNamespace
class MountCommandIT {
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

  @Test
  void mountStatusUmount_anyNumberOfTimes() throws Exception {
    assertThat(at.run("status", "plain"))
        .hasToString("status 1\nout: " + at.plainStatus("missing") + "\nerr: ");
    for (int i = 0; i < 2; i++) {
      assertThat(at.run("mount", "plain")).hasToString(MountSite.success(""));
      assertThat(at.mounted()).isEqualTo(MountSite.PLAIN_UP);
      assertThat(at.run("status")).hasToString(MountSite.success(at.plainStatus("mounted")));
    }
    assertThat(Files.readString(at.root.resolve("data/f"))).isEqualTo("of the host");
    for (int i = 0; i < 2; i++) {
      assertThat(at.run("umount", "plain")).hasToString(MountSite.success(""));
      assertThat(MountSite.table()).isEqualTo(before);
    }
  }

  @Test
  void mount_verbose_saysWhatItDoes() throws Exception {
    assertThat(at.run("mount", "-v", "plain").errText())
        .isEqualTo(
            "syschroot: plain: mounted HOST/data:/data\nsyschroot: plain: mounted HOST/home:/home\n"
                    .replace("HOST", at.host.toString())
                + "syschroot: plain: 2 filesystems mounted\n");
    assertThat(at.run("mount", "-v", "plain").errText())
        .isEqualTo("syschroot: plain: 0 filesystems mounted\n");
    assertThat(at.run("umount", "-v", "plain").errText())
        .isEqualTo(
            "syschroot: plain: unmounted ROOT/home\nsyschroot: plain: unmounted ROOT/data\n"
                    .replace("ROOT", at.root.toString())
                + "syschroot: plain: 2 filesystems unmounted\n");
  }

  @Test
  void dryRun_changesNothing() throws Exception {
    assertThat(at.run("mount", "--dry-run", "plain"))
        .hasToString(
            MountSite.success(
                "plain: would mount HOST/data:/data\nplain: would mount HOST/home:/home\n"
                    .replace("HOST", at.host.toString())));
    assertThat(MountSite.table()).isEqualTo(before);
    assertThat(at.run("umount", "--dry-run", "plain")).hasToString(MountSite.success(""));
    at.run("mount", "plain");
    String up = MountSite.table();
    assertThat(at.run("mount", "--dry-run", "plain")).hasToString(MountSite.success(""));
    assertThat(at.run("umount", "--dry-run", "plain"))
        .hasToString(MountSite.success("plain: would unmount /data\nplain: would unmount /home\n"));
    assertThat(MountSite.table()).isEqualTo(up);
  }

  @Test
  void all_oneImageIsBroken_othersAreDoneAndStatusIs125() throws Exception {
    Path second = ImageTree.of(at.directory.resolve("second"), "dir data");
    Path broken = ImageTree.of(at.directory.resolve("broken"), "dir home", "fifo data");
    at.image("broken", broken, "HOST/home:/home", "HOST/data:/data");
    at.image("missing", at.directory.resolve("nothing"), "HOST/data:/data");
    at.image("second", second, "HOST/data:/data");
    String missing =
        "syschroot: missing: "
            + at.site.file("missing")
            + ":1:1: root "
            + at.directory
            + "/nothing cannot be opened: ENOENT (No such file or directory): create the image"
            + " with \"syschroot create\", or correct root\n";

    Outcome outcome = at.run("mount", "--all");
    assertThat(outcome.errText())
        .startsWith("syschroot: broken: cannot mount " + at.host + "/data:/data: E")
        .contains("ENOTDIR (Not a directory)")
        .endsWith(missing);
    assertThat(outcome.errText().lines()).hasSize(3);
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(at.mounted()).containsExactly("image/data", "image/home", "second/data");

    assertThat(at.run("umount", "--all")).hasToString("status 125\nout: \nerr: " + missing);
    assertThat(MountSite.table()).isEqualTo(before);
  }

  @Test
  void imageLiesInWhatIsMountedInIt_goesUpAndDown() throws Exception {
    ImageTree.of(at.root, "dir tree", "dir mnt");
    at.image("plain", at.root, "HOST/data:/data", at.directory + ":/tree", "HOST/home:/mnt");
    for (int i = 0; i < 2; i++) {
      assertThat(at.run("mount", "plain")).hasToString(MountSite.success(""));
      assertThat(at.mounted()).contains("image/data", "image/tree", "image/mnt");
      assertThat(at.run("status", "plain").status()).isZero();
      assertThat(at.run("umount", "plain")).hasToString(MountSite.success(""));
      assertThat(MountSite.table()).isEqualTo(before);
    }
  }

  @Test
  void noImageNamed_isWrongUsage() throws Exception {
    for (String command : List.of("mount", "umount")) {
      for (Outcome outcome : List.of(at.run(command), at.run(command, "--all", "plain"))) {
        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.errText())
            .startsWith("syschroot: name one or more images, or use --all");
      }
    }
    assertThat(MountSite.table()).isEqualTo(before);
  }

  @Test
  void status_json_hasTargetStateAndDetail() throws Exception {
    at.run("mount", "plain");
    at.unmount("image/data");
    at.tmpfs("image/data");
    Outcome outcome = at.run("status", "--json", "plain");
    assertThat(outcome.status()).isEqualTo(1);
    JsonArray images = JsonParser.parseString(outcome.outText()).getAsJsonArray();
    assertThat(images).hasSize(1);
    JsonObject image = images.get(0).getAsJsonObject();
    assertThat(image.get("image").getAsString()).isEqualTo("plain");
    assertThat(image.get("root").getAsString()).isEqualTo(at.root.toString());
    JsonObject data = image.getAsJsonArray("mounts").get(0).getAsJsonObject();
    assertThat(data)
        .hasToString(
            "{\"target\":\"/data\",\"mount\":\"HOST/data:/data\",\"state\":\"foreign\",\"detail\":\"there is none (tmpfs), of which /\",\"latecomers-appear\":true}"
                .replace("HOST", at.host.toString()));
    assertThat(image.getAsJsonArray("mounts").get(1).getAsJsonObject().get("state").getAsString())
        .isEqualTo("mounted");
  }

  @Test
  void foreignMountAtTarget_isReportedAndLeft() throws Exception {
    at.tmpfs("image/home");
    String foreign = MountSite.table();
    assertThat(at.run("status", "plain"))
        .hasToString(
            "status 1\nout: "
                + at.plainLine("missing", "data:/data\n")
                + at.plainLine("foreign", "home:/home: there is none (tmpfs), of which /\n")
                + "\nerr: ");
    assertThat(at.run("mount", "plain"))
        .hasToString(
            "status 125\nout: \nerr: syschroot: plain: cannot mount "
                + at.host
                + "/home:/home: its mount point is in use: there is none (tmpfs), of which /;"
                + " unmount it first\n");
    assertThat(MountSite.table()).isEqualTo(foreign);
    assertThat(at.run("umount", "plain"))
        .hasToString(
            "status 125\nout: \nerr: syschroot: plain: will not unmount /home in the image,"
                + " because it is not the configured mount "
                + at.host
                + "/home:/home: there is none (tmpfs), of which /\n");
    assertThat(MountSite.table()).isEqualTo(foreign);
  }

  @Test
  void oneIsMissing_isReportedAndMountedAgain() throws Exception {
    at.run("mount", "plain");
    at.unmount("image/data");
    assertThat(at.run("status", "plain"))
        .hasToString(
            "status 1\nout: "
                + at.plainLine("missing", "data:/data\n")
                + at.plainLine("mounted", "home:/home\n")
                + "\nerr: ");
    assertThat(at.run("mount", "plain")).hasToString(MountSite.success(""));
    assertThat(at.mounted()).containsExactly("image/home", "image/data");
  }

  @Test
  void daemonBehindTheMountIsGone_isStaleAndCanBeUnmounted() throws Exception {
    assertThat(Path.of("/dev/fuse")).exists();
    at.run("mount", "plain");
    at.unmount("image/data");
    MountSite.host("perl", at.script("stale.pl").toString(), at.host + "/data");
    MountSite.host("mount", "--bind", at.host + "/data", at.root + "/data");
    assertThat(at.run("status", "plain"))
        .hasToString(
            "status 1\nout: "
                + at.plainLine(
                    "stale", "data:/data: ENOTCONN (Transport endpoint is not connected)\n")
                + at.plainLine("mounted", "home:/home\n")
                + "\nerr: ");
    assertThat(at.run("mount", "plain"))
        .hasToString(
            "status 125\nout: \nerr: syschroot: plain: cannot mount "
                + at.host
                + "/data:/data: its mount point is stale: ENOTCONN (Transport endpoint is not"
                + " connected); unmount it first\n");
    assertThat(at.run("umount", "plain")).hasToString(MountSite.success(""));
    at.unmount("host/data");
    assertThat(MountSite.table()).isEqualTo(before);
  }

  @Test
  void daemonBehindAnOptionalMountIsGone_isStaleToo() throws Exception {
    at.image("plain", at.root, "HOST/data:/data:optional", "HOST/home:/home");
    MountSite.host("perl", at.script("stale.pl").toString(), at.host + "/data");
    MountSite.host("mount", "--bind", at.host + "/data", at.root + "/data");
    assertThat(at.run("mount", "plain")).hasToString(MountSite.success(""));
    assertThat(at.run("status", "plain"))
        .hasToString(
            "status 1\nout: "
                + at.plainLine("mounted", "home:/home\n")
                + at.plainLine(
                    "stale",
                    "data:/data:optional: ENOTCONN (Transport endpoint is not connected)\n")
                + "\nerr: ");
    assertThat(at.run("umount", "plain")).hasToString(MountSite.success(""));
    assertThat(at.mounted()).containsExactly("host/data");
  }

  @Test
  @RequiresCommand("strace")
  void fileServerForgotTheDirectory_isStale() throws Exception {
    at.run("mount", "plain");
    List<String> words = new ArrayList<>(List.of("strace", "-f", "-qq", "-o", "/dev/null"));
    words.addAll(List.of("-e", "trace=openat2", "-e", "inject=openat2:error=ESTALE:when=1"));
    words.addAll(at.words("status", "plain"));
    assertThat(Program.of(words).run())
        .hasToString(
            "status 1\nout: "
                + at.plainLine("stale", "data:/data: ESTALE (Stale file handle)\n")
                + at.plainLine("mounted", "home:/home\n")
                + "\nerr: ");
  }

  @Test
  void mount_eightAtOnce_eachIsMountedOnce() throws Exception {
    List<Program.Running> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(Program.of(at.words("mount", "plain")).start());
    }
    for (Program.Running one : all) {
      assertThat(one.await()).hasToString(MountSite.success(""));
    }
    assertThat(at.mounted()).isEqualTo(MountSite.PLAIN_UP);
    at.run("umount", "plain");
    assertThat(MountSite.table()).isEqualTo(before);
  }

  @Test
  void mountAndUmount_alternatingAtOnce_endInOneOfBothStates() throws Exception {
    List<Program.Running> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(Program.of(at.words(i % 2 == 0 ? "mount" : "umount", "plain")).start());
    }
    for (Program.Running one : all) {
      assertThat(one.await()).hasToString(MountSite.success(""));
    }
    assertThat(at.mounted()).isIn(List.of(), MountSite.PLAIN_UP);
  }

  private List<String> steps(String... options) throws Exception {
    List<String> words = new ArrayList<>(List.of(options));
    words.addAll(List.of("--format", "json", "deb", "--", "true"));
    Outcome outcome = at.run("explain", words.toArray(new String[0]));
    assertThat(outcome.status()).as("%s", outcome).isZero();
    List<String> names = new ArrayList<>();
    JsonParser.parseString(outcome.outText())
        .getAsJsonObject()
        .getAsJsonArray("steps")
        .forEach(step -> names.add(step.getAsJsonObject().get("name").getAsString()));
    return names;
  }

  private String namespaceOf(String... options) throws Exception {
    List<String> words = new ArrayList<>(List.of(options));
    words.addAll(List.of("deb", "--", "readlink", "/proc/self/ns/mnt"));
    Outcome outcome = at.run("run", words.toArray(new String[0]));
    assertThat(outcome.status()).as("%s", outcome).isZero();
    return outcome.outText().strip();
  }

  @Test
  @RequiresCommand("debootstrap")
  void run_mountsAreUp_usesThem() throws Exception {
    at.deb32("/proc", "HOST/data:/mnt");
    String own = Files.readSymbolicLink(Path.of("/proc/thread-self/ns/mnt")).toString();
    assertThat(steps()).contains("enter-mount-namespace", "mount");
    assertThat(namespaceOf()).isNotEqualTo(own);
    assertThat(MountSite.table()).isEqualTo(before);

    assertThat(at.run("mount", "deb")).hasToString(MountSite.success(""));
    assertThat(steps()).doesNotContain("enter-mount-namespace", "mount");
    assertThat(namespaceOf()).isEqualTo(own);
    assertThat(steps("--shared")).doesNotContain("enter-mount-namespace", "mount");
    assertThat(namespaceOf("--shared")).isEqualTo(own);
    assertThat(steps("--private")).contains("enter-mount-namespace");
    assertThat(namespaceOf("--private")).isNotEqualTo(own);
    assertThat(at.run("run", "--directory", "/", "deb", "--", "cat", "/mnt/f"))
        .hasToString(MountSite.success("of the host"));
    at.run("umount", "deb");
    assertThat(MountSite.table()).isEqualTo(before);
  }

  @Test
  @RequiresCommand("debootstrap")
  void run_sharedWithoutMounts_saysSoAndMountsNothing() throws Exception {
    at.deb32("/proc", "HOST/data:/mnt");
    at.run("mount", "deb");
    MountSite.host("umount", TestImages.deb32() + "/mnt");
    String table = MountSite.table();
    assertThat(at.run("run", "--shared", "--directory", "/", "deb", "--", "ls", "/mnt"))
        .hasToString(
            "status 0\nout: \nerr: syschroot: deb: not mounted, because of --shared:" + " /mnt\n");
    assertThat(MountSite.table()).isEqualTo(table);
  }

  @Test
  void umount_busy_namesTheHolderAndLazyHelps() throws Exception {
    at.run("mount", "plain");
    try (Program.Running holder = Program.of("sleep", "60").in(at.root.resolve("data")).start()) {
      assertThat(at.run("umount", "plain"))
          .hasToString(
              ("status 125\nout: \nerr: syschroot: plain: cannot unmount ROOT/data: EBUSY (Device"
                      + " or resource busy): pid PID (sleep) has its working directory in ROOT/data;"
                      + " nothing was unmounted\n")
                  .replace("ROOT", at.root.toString())
                  .replace("PID", Long.toString(holder.pid())));
      assertThat(at.mounted()).isEqualTo(MountSite.PLAIN_UP);
      assertThat(at.run("umount", "--lazy", "plain")).hasToString(MountSite.success(""));
      assertThat(MountSite.table()).isEqualTo(before);
    }
  }
}
