// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.mounts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
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

/** {@code mount --install-boot}: what it writes mounts at boot, by systemd or by rc.local. */
@InOwnMountNamespace
class InstallBootIT {
  @TempDir Path folder;
  private MountSite at;

  @BeforeEach
  void makeSite() throws Exception {
    at = new MountSite(folder);
    at.plain();
    MountSite.host("mount", "--make-rshared", "/");
  }

  @AfterEach
  void removeSite() throws Exception {
    at.close();
  }

  /** What is written to /etc goes elsewhere, in this namespace. */
  private Path layerAboveEtc() throws Exception {
    Path etc = ImageTree.of(at.directory, "dir upper", "dir work").resolve("upper");
    String layers = "lowerdir=/etc,upperdir=" + etc + ",workdir=" + at.directory + "/work";
    MountSite.host("mount", "-t", "overlay", "-o", layers, "none", "/etc");
    MountSite.host("mkdir", "-p", "/etc/systemd/system");
    return etc;
  }

  private void assertRunsAtBoot() throws Exception {
    MountSite.host("mkdir", "/etc/syschroot/images.d");
    MountSite.host("cp", at.site.file("plain").toString(), "/etc/syschroot/images.d");
    MountSite.host("sh", "/etc/syschroot/rc.local");
    assertThat(at.mounted()).isEqualTo(MountSite.PLAIN_UP);
    MountSite.host("sh", "/etc/syschroot/rc.local", "stop");
    assertThat(at.mounted()).isEmpty();
  }

  private static String verified(String unit) throws Exception {
    return Program.of("systemd-analyze", "verify", unit).run().errText();
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
    assertThat(at.mounted()).isEqualTo(MountSite.PLAIN_UP);
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
}
