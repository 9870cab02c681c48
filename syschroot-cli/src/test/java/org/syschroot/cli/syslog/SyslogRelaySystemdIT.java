// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
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

/** The relay as a service of systemd: what it tells systemd, and its unit. */
@InOwnMountNamespace
@RequiresCommand("rsyslogd")
class SyslogRelaySystemdIT {
  @TempDir private Path folder;
  private RelaySite at;
  private LogHost host;

  @BeforeEach
  void makeHost() throws Exception {
    at = new RelaySite(folder);
    host = at.host;
  }

  @AfterEach
  void end() throws IOException {
    at.close();
  }

  /** Writes each datagram to standard output, on a socket with a path or an abstract name. */
  private Program.Running systemd(String address) throws IOException, InterruptedException {
    Program.Running running =
        at.start(
            Program.of(
                "perl",
                "-e",
                "socket(S, 1, 2, 0); $a = shift; $a =~ s/^@/\\0/; bind(S, pack('Sa*', 1, $a)) or"
                    + " die \"$!\"; $| = 1; print \"ready\\n\"; while (recv(S, $d, 4096, 0), length"
                    + " $d) { print \"[$d]\\n\" }",
                address));
    LogHost.await(() -> running.outSoFar().startsWith("ready"));
    return running;
  }

  @Test
  void relay_underSystemd_tellsHowItIs() throws Exception {
    Path socket = host.directory.resolve("notify");
    Program.Running systemd = systemd(socket.toString());
    Map<String, String> variables =
        Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "300000");
    Program.Running relay = at.relay(variables, "deb32");
    LogHost.await(() -> systemd.outSoFar().split("\\[WATCHDOG=1\\]").length > 3);
    RelaySite.end(relay);
    LogHost.await(() -> systemd.outSoFar().contains("STOPPING=1"));
    assertThat(systemd.outSoFar())
        .containsOnlyOnce("[READY=1\nSTATUS=serving")
        .endsWith("[STOPPING=1\nSTATUS=flushing]\n");
  }

  @Test
  void relay_abstractNotifySocketAndOthersWatchdog_noPings() throws Exception {
    Program.Running systemd = systemd("@syschroot-it-" + ProcessHandle.current().pid());
    Map<String, String> variables =
        Map.of(
            "NOTIFY_SOCKET",
            "@syschroot-it-" + ProcessHandle.current().pid(),
            "WATCHDOG_USEC",
            "100000",
            "WATCHDOG_PID",
            "1");
    Program.Running relay = at.relay(variables, "deb32");
    LogHost.await(() -> systemd.outSoFar().contains("READY=1"));
    assertThat(RelaySite.counter(relay, "received")).isZero();
    RelaySite.end(relay);
    LogHost.await(() -> systemd.outSoFar().contains("STOPPING=1"));
    assertThat(systemd.outSoFar()).doesNotContain("WATCHDOG");
  }

  @Test
  void relay_installUnit_isValidAndKeepsTheOptions() throws Exception {
    Path etc = ImageTree.of(host.directory, "dir upper", "dir work").resolve("upper");
    String layers = "lowerdir=/etc,upperdir=" + etc + ",workdir=" + host.directory + "/work";
    MountSite.host("mount", "-t", "overlay", "-o", layers, "none", "/etc");
    MountSite.host("mkdir", "-p", "/etc/systemd/system");
    Outcome outcome = host.run("relay", "--install-unit", "--tag", "--stats", "/run/a b", "--all");
    assertThat(outcome)
        .hasToString(
            "status 0\nout: /etc/systemd/system/syschroot-syslog.service\n\nerr: syschroot: to relay"
                + " now and at boot: systemctl enable --now syschroot-syslog\n");
    assertThat(MountSite.host("cat", "/etc/systemd/system/syschroot-syslog.service").outText())
        .contains(
            "ExecStart="
                + TestImages.command()
                + " syslog relay --config "
                + host.site.directory()
                + " --tag --stats \"/run/a b\" --all\n")
        .contains("CapabilityBoundingSet=CAP_DAC_OVERRIDE CAP_SETGID CAP_SETUID CAP_SYS_ADMIN\n");
    Outcome verified =
        Program.of("systemd-analyze", "verify", "/etc/systemd/system/syschroot-syslog.service")
            .run();
    assertThat(verified.errText()).doesNotContain("syschroot-syslog");
    assertThat(verified.status()).as("%s", verified).isZero();
  }
}
