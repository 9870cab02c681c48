// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.mounts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** The unit, from boot to shutdown, by the systemd of this machine. */
@InOwnMountNamespace
@RequiresCommand({"systemctl", "unshare"})
class BootIT {
  private static final Path CHECKOUT = Path.of(System.getProperty("syschroot.tests.checkout"));

  @TempDir Path folder;

  @BeforeEach
  void copyScript() throws IOException {
    try (InputStream script = BootIT.class.getResourceAsStream("boot.sh")) {
      Files.copy(script, folder.resolve("boot.sh"));
    }
  }

  /** Boots, and shuts down when all is started and {@code probe} has run. */
  private void boot(String prepare, String probe) throws Exception {
    Files.writeString(folder.resolve("prepare"), prepare);
    Files.writeString(folder.resolve("probe"), probe);
    Outcome outcome =
        Program.of(
                "sh", folder.resolve("boot.sh").toString(), folder.toString(), CHECKOUT.toString())
            .run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
  }

  private String result(String name) throws IOException {
    return Files.readString(folder.resolve(name));
  }

  @Test
  void boot_imagesGoodAndBad_mountedWhileJobsRunAndNotAtTheEnd() throws Exception {
    boot(
        """
        mkdir /srv/remote
        echo 'tmpfs /srv/remote tmpfs _netdev 0 0' > /etc/fstab
        image absent '"/srv/absent-on-this-host"'
        image good '"/srv/remote"'
        echo 'root = 5' > /etc/syschroot/images.d/refused.toml
        """,
        "");

    assertThat(result("unit")).contains("ActiveState=active", "Result=success");
    assertThat(result("journal"))
        .contains("absent: cannot mount /srv/absent-on-this-host", "\"root\" must be a string");
    String up = "/srv/remote\n/srv/good/srv/remote\n";
    assertThat(result("job-starts")).isEqualTo(up);
    assertThat(result("job-stops")).isEqualTo(up);
    assertThat(result("at-end")).doesNotContain("/srv/good");
  }

  @Test
  void boot_fileServerIsMissing_otherImagesAreMounted() throws Exception {
    boot(
        """
        mkdir /srv/nfs
        echo '127.0.0.1:/none /srv/nfs nfs x-systemd.mount-timeout=10s 0 0' > /etc/fstab
        image good '"/usr:/usr:norbind"'
        image remote '"/usr:/usr:norbind"'
        sed -i s:/srv/remote:/srv/nfs/remote: /etc/syschroot/images.d/remote.toml
        """,
        "systemctl is-failed srv-nfs.mount");

    assertThat(result("probed")).isEqualTo("failed\n");
    assertThat(result("unit")).contains("ActiveState=active", "ExecMainStatus=125");
    assertThat(result("journal")).contains("remote: ");
    assertThat(result("job-starts")).isEqualTo("/srv/good/usr\n");
    assertThat(result("at-end")).isEmpty();
  }

  /** A file system of a server that never answers: nobody reads what the kernel asks. */
  @Test
  void boot_fileServerHangs_delaysJobsByTheTimeLimitOnly() throws Exception {
    boot(
        """
        mkdir /srv/hang
        service hang Before=syschroot-mounts.service \
            'exec 3<>/dev/fuse; mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 x /srv/hang; sleep 1000 &' :
        image good '"/usr:/usr:norbind"'
        image hanging '"/srv/hang/data"'
        mkdir /etc/systemd/system/syschroot-mounts.service.d
        printf '[Service]\\nTimeoutStartSec=6s\\n' > /etc/systemd/system/syschroot-mounts.service.d/limit.conf
        """,
        "");

    assertThat(result("unit")).contains("ActiveState=failed", "Result=timeout");
    assertThat(result("job-starts")).contains("/srv/good/usr\n");
  }

  @Test
  void boot_withoutAnyImage_unitFailsAndJobsStart() throws Exception {
    boot("", "");

    assertThat(result("unit")).contains("ActiveState=failed", "ExecMainStatus=3");
    assertThat(result("job-starts")).isEmpty();
  }

  @Test
  void removal_ofEitherPackage_unmountsFirst() throws Exception {
    String scripts = CHECKOUT + "/syschroot-dist/src";
    boot(
        "image good '\"/usr:/usr:norbind\"'",
        """
        stays() { systemctl is-active syschroot-mounts; grep -c ' /srv/good/usr ' /proc/self/mountinfo; }
        stays
        sh %1$s/rpm/preun 1 2> /dev/null
        stays
        sh %1$s/rpm/preun 0 2> /dev/null
        stays
        systemctl is-enabled syschroot-mounts
        systemctl -q enable --now syschroot-mounts 2> /dev/null
        stays
        sh %1$s/deb/control/prerm remove 2> /dev/null
        stays
        """
            .formatted(scripts));

    assertThat(result("probed"))
        .isEqualTo("active\n1\nactive\n1\ninactive\n0\ndisabled\nactive\n1\ninactive\n0\n");
  }
}
