// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.mounts;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
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
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** {@code mount}, {@code umount} and {@code status}, and {@code run} on top of them. */
@InOwnMountNamespace
class MountCommandIT {
  private static final String PRIVATE =
      "the mounts of the host are private, so later mounts of the host do not appear in"
          + " /data /home; to change this, before syschroot mounts: mount --make-rshared /\n";
  private static final List<String> UP = List.of("image/data", "image/home");

  @TempDir Path folder;
  private MountSite at;
  private String before;

  @BeforeEach
  void makeSite() throws Exception {
    at = new MountSite(folder);
    at.image("plain", at.root, "HOST/data:/data", "HOST/home:/home");
    MountSite.host("mount", "--make-rshared", "/");
    before = MountSite.table();
  }

  @AfterEach
  void removeSite() throws Exception {
    at.close();
  }

  private String line(String state, String mount) {
    return String.format("plain        %-8s %s/%s", state, at.host, mount);
  }

  private String statusOfAll(String state) {
    return line(state, "data:/data\n") + line(state, "home:/home\n");
  }

  @Test
  void mountStatusUmount_anyNumberOfTimes() throws Exception {
    assertThat(at.run("status", "plain"))
        .hasToString("status 1\nout: " + statusOfAll("missing") + "\nerr: ");
    for (int i = 0; i < 2; i++) {
      assertThat(at.run("mount", "plain")).hasToString(MountSite.success(""));
      assertThat(at.mounted()).isEqualTo(UP);
      assertThat(at.run("status")).hasToString(MountSite.success(statusOfAll("mounted")));
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
        .startsWith("syschroot: broken: cannot mount " + at.host + "/data:/data: openat2(")
        .contains("ENOTDIR (Not a directory)")
        .endsWith(missing);
    assertThat(outcome.errText().lines()).hasSize(2);
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
                + line("missing", "data:/data\n")
                + line("foreign", "home:/home: there is none (tmpfs), of which /\n")
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
                + line("missing", "data:/data\n")
                + line("mounted", "home:/home\n")
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
                + line("stale", "data:/data: ENOTCONN (Transport endpoint is not connected)\n")
                + line("mounted", "home:/home\n")
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
                + line("mounted", "home:/home\n")
                + line(
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
                + line("stale", "data:/data: ESTALE (Stale file handle)\n")
                + line("mounted", "home:/home\n")
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
    assertThat(at.mounted()).isEqualTo(UP);
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
    assertThat(at.mounted()).isIn(List.of(), UP);
  }

  private String deb32(String... mounts) throws Exception {
    at.image("deb", TestImages.deb32(), mounts);
    return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/mnt")).toString();
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
    String own = deb32("/proc", "HOST/data:/mnt");
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
    deb32("/proc", "HOST/data:/mnt");
    at.run("mount", "deb");
    MountSite.host("umount", TestImages.deb32() + "/mnt");
    String table = MountSite.table();
    assertThat(at.run("run", "--shared", "--directory", "/", "deb", "--", "ls", "/mnt"))
        .hasToString(
            "status 0\nout: \nerr: syschroot: deb: not mounted, because of --shared:" + " /mnt\n");
    assertThat(MountSite.table()).isEqualTo(table);
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
    deb32("/proc", "HOST/data:/mnt");
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
    deb32("/proc", "HOST/data:/mnt");
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
    deb32("/proc", "HOST/data:/mnt");
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
        .hasToString(MountSite.success(statusOfAll("mounted")) + notice);
    assertThat(at.run("mount", "--quiet", "plain")).hasToString(MountSite.success(""));
    at.tmpfs("host/data/sub");
    assertThat(at.mounted()).containsExactly("image/data", "image/home", "host/data/sub");
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
      assertThat(at.mounted()).isEqualTo(UP);
      assertThat(at.run("umount", "--lazy", "plain")).hasToString(MountSite.success(""));
      assertThat(MountSite.table()).isEqualTo(before);
    }
  }

  @Test
  void mount_installBoot_writesAUnitAndAFragment() throws Exception {
    Path etc = layerAboveEtc();
    Outcome outcome = Program.of(TestImages.command().toString(), "mount", "--install-boot").run();
    assertThat(outcome)
        .hasToString(
            "status 0\nout: /etc/systemd/system/syschroot-mounts.service\n/etc/syschroot/rc.local\n"
                + "\nerr: syschroot: to mount at boot: systemctl enable syschroot-mounts, or run"
                + " \"sh"
                + " /etc/syschroot/rc.local\" from rc.local\n");
    assertThat(MountSite.host("cat", "/etc/systemd/system/syschroot-mounts.service").outText())
        .contains("ExecStart=" + TestImages.command() + " mount --all\n")
        .contains("ExecStop=" + TestImages.command() + " umount --all\n")
        .contains("After=local-fs.target remote-fs.target");
    MountSite.host("sh", "-n", "/etc/syschroot/rc.local");
    assertThat(etc.resolve("syschroot/rc.local")).exists();
    assertRunsAtBoot();
  }

  /** What is written to /etc goes elsewhere, in this namespace. */
  private Path layerAboveEtc() throws Exception {
    Path etc = ImageTree.of(at.directory, "dir upper", "dir work").resolve("upper");
    String layers = "lowerdir=/etc,upperdir=" + etc + ",workdir=" + at.directory + "/work";
    MountSite.host("mount", "-t", "overlay", "-o", layers, "none", "/etc");
    MountSite.host("mkdir", "-p", "/etc/systemd/system");
    return etc;
  }

  @Test
  void mount_installBootFromAnOddPlace_runsThatCommandWithItsOptions() throws Exception {
    Path etc = layerAboveEtc();
    Path place = Files.createDirectory(at.directory.resolve("a; touch owned $x %n \"q' b"));
    Files.copy(
        TestImages.command(), place.resolve("syschroot"), StandardCopyOption.COPY_ATTRIBUTES);
    Path jars = TestImages.command().resolveSibling("syschroot-cli/target/command");
    Files.createSymbolicLink(place.resolve("lib"), jars);
    Path config = at.directory.resolve("my ; config");
    Files.createSymbolicLink(config, at.site.directory());
    Outcome outcome =
        Program.of(
                "sh",
                "-c",
                "umask 0; cd \"$1\" && exec \"$2\" mount --install-boot --config './my ; config' plain",
                "sh",
                at.directory.toString(),
                place.resolve("syschroot").toString())
            .run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    Outcome verified =
        Program.of("systemd-analyze", "verify", "/etc/systemd/system/syschroot-mounts.service")
            .run();
    assertThat(verified.errText()).doesNotContain("syschroot-mounts");
    assertThat(verified.status()).as("%s", verified).isZero();
    for (String file : List.of("systemd/system/syschroot-mounts.service", "syschroot/rc.local")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(etc.resolve(file))))
          .isEqualTo("rw-r--r--");
    }
    MountSite.host("sh", "/etc/syschroot/rc.local");
    assertThat(at.mounted()).isEqualTo(UP);
    MountSite.host("sh", "/etc/syschroot/rc.local", "stop");
    assertThat(at.mounted()).isEmpty();
    assertThat(Path.of("owned")).doesNotExist();
    assertThat(at.directory.resolve("owned")).doesNotExist();
  }

  @Test
  void mount_installBootOfAnImageThatIsNotThere_writesNothing() throws Exception {
    Path etc = layerAboveEtc();
    assertThat(at.run("mount", "--install-boot", "nothing").status()).isEqualTo(125);
    assertThat(etc.resolve("syschroot")).doesNotExist();
  }

  private void assertRunsAtBoot() throws Exception {
    MountSite.host("mkdir", "/etc/syschroot/images.d");
    MountSite.host("cp", at.site.file("plain").toString(), "/etc/syschroot/images.d");
    MountSite.host("sh", "/etc/syschroot/rc.local");
    assertThat(at.mounted()).isEqualTo(UP);
    MountSite.host("sh", "/etc/syschroot/rc.local", "stop");
    assertThat(at.mounted()).isEmpty();
  }

  @Test
  @RequiresCommand("systemd-analyze")
  void mount_installBoot_unitIsValid() throws Exception {
    mount_installBoot_writesAUnitAndAFragment();
    Outcome outcome =
        Program.of("systemd-analyze", "verify", "/etc/systemd/system/syschroot-mounts.service")
            .run();
    assertThat(outcome.errText()).doesNotContain("syschroot");
    assertThat(outcome.status()).as("%s", outcome).isZero();
  }

  /** The services are ordered as those of Debian and of the batch systems are. */
  @Test
  @RequiresCommand("systemd-analyze")
  void mount_installBootWithServicesThatStartPrograms_hasNoCycle() throws Exception {
    mount_installBoot_writesAUnitAndAFragment();
    String script =
        """
        cd /etc/systemd/system
        mkdir -p multi-user.target.wants
        service() {
            printf '[Unit]\\nAfter=%s\\n[Service]\\nExecStart=/bin/sleep 1\\n' "$2" > "$1.service"
            ln -sf "../$1.service" multi-user.target.wants
        }
        service slurmd 'munge.service network-online.target remote-fs.target'
        service pbs_mom 'network.target remote-fs.target'
        service condor 'network-online.target nslcd.service time-sync.target'
        service cron 'remote-fs.target nss-user-lookup.target'
        service ssh 'network.target nss-user-lookup.target auditd.service'
        service display-manager 'systemd-user-sessions.service getty@tty1.service'
        service autofs 'network.target ypbind.service sssd.service network-online.target remote-fs.target'
        ln -sf ../syschroot-mounts.service multi-user.target.wants
        """;
    MountSite.host("sh", "-ec", script);
    assertThat(verified("multi-user.target")).doesNotContain("cycle", "syschroot");
    // And a cycle would be seen.
    MountSite.host(
        "sh",
        "-ec",
        "echo Before=autofs.service | sed -i '/^After=/r /dev/stdin' \"$1\"",
        "sh",
        "/etc/systemd/system/display-manager.service");
    assertThat(verified("multi-user.target")).contains("cycle");
  }

  private static String verified(String unit) throws Exception {
    return Program.of("systemd-analyze", "verify", unit).run().errText();
  }
}
