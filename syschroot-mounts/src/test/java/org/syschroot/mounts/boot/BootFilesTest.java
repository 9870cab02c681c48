// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.Umask;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

class BootFilesTest {
  private static final OsString COMMAND = OsString.of("/usr/bin/syschroot");
  private static final List<OsString> ALL = List.of(OsString.of("--all"));

  @TempDir private Path etc;

  private List<Path> write(OsString command, List<OsString> arguments) throws IOException {
    return BootFiles.of(HostPath.of(etc)).write(LinuxKernel.running(), command, arguments).stream()
        .map(HostPath::toPath)
        .toList();
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 022, 077})
  void write_systemdHost_writesUnitOrderedBetweenRemoteFileSystemsAndJobs(int umask)
      throws IOException {
    Path unit = etc.resolve("systemd/system/syschroot-mounts.service");
    Files.createDirectories(unit.getParent());
    Files.writeString(unit, "an older one");
    Path fragment = etc.resolve("syschroot/rc.local");

    try (Umask changed = Umask.of(umask)) {
      assertThat(changed).isNotNull();
      assertThat(write(COMMAND, ALL)).containsExactly(unit, fragment);
    }
    assertThat(unit)
        .content()
        .isEqualTo(
            """
            # Written by syschroot mount --install-boot.
            [Unit]
            Description=Mounts of the syschroot images
            After=local-fs.target remote-fs.target autofs.service nss-user-lookup.target
            Before=slurmd.service pbs.service pbs_mom.service condor.service gridengine-exec.service lsfd.service flux.service oar-node.service cron.service crond.service atd.service ssh.service sshd.service systemd-user-sessions.service display-manager.service
            Wants=remote-fs.target

            [Service]
            Type=oneshot
            RemainAfterExit=yes
            SuccessExitStatus=1 125
            TimeoutStartSec=3min
            ExecStart=/usr/bin/syschroot mount --all
            ExecStop=/usr/bin/syschroot umount --all

            [Install]
            WantedBy=multi-user.target
            """);
    assertThat(mode(unit)).isEqualTo("rw-r--r--");
    assertThat(mode(fragment)).isEqualTo("rw-r--r--");
    assertThat(mode(fragment.getParent())).isEqualTo("rwxr-xr-x");
    try (var files = Files.list(unit.getParent())) {
      assertThat(files).containsExactly(unit);
    }
  }

  @Test
  void write_hostWithoutSystemd_writesOnlyTheFragment() throws IOException {
    assertThat(write(COMMAND, ALL)).containsExactly(etc.resolve("syschroot/rc.local"));
    assertThat(etc.resolve("syschroot/rc.local"))
        .content()
        .contains("    stop) /usr/bin/syschroot umount --all ;;\n")
        .contains("    *) /usr/bin/syschroot mount --all ;;\n");
  }

  @Test
  void write_oddCommandAndOptions_areQuoted() throws IOException {
    Files.createDirectories(etc.resolve("systemd/system"));
    List<OsString> words = List.of(OsString.of("--config"), OsString.of("/etc/a;b"));
    List<Path> written = write(OsString.of("/opt/my tools;$x/syschroot"), words);
    assertThat(written.get(0))
        .content()
        .contains(
            "ExecStart=/bin/sh -c \"exec \\\"$$0\\\" \\\"$$@\\\"\" \"/opt/my tools;$$x/syschroot\""
                + " mount --config \"/etc/a;b\"\n");
    assertThat(written.get(1))
        .content()
        .contains("    *) '/opt/my tools;$x/syschroot' mount --config '/etc/a;b' ;;\n");
  }

  @Test
  void write_fragmentIsALink_isLeftAlone() throws IOException {
    Path victim = Files.writeString(etc.resolve("victim"), "old");
    Path place = Files.createDirectory(etc.resolve("syschroot")).resolve("rc.local");
    Files.createSymbolicLink(place, victim);
    assertThatThrownBy(() -> write(COMMAND, ALL)).hasMessageContaining("not a regular file");
    assertThat(victim).hasContent("old");
  }
}
