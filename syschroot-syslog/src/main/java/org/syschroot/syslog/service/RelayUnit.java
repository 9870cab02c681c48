// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.service;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.Kernel;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.quote.UnitCommand;
import org.syschroot.syslog.relay.SyslogRelay;
import org.syschroot.trust.WholeFile;

/** The systemd unit of the relay. Immutable and thread-safe. */
public final class RelayUnit {
  private static final String NAME = "syschroot-syslog.service";
  private static final int ROOT = 0;
  private static final int MODE = 0644;

  private final HostPath units;

  private RelayUnit(HostPath units) {
    this.units = units;
  }

  /**
   * Returns the unit of a system.
   *
   * @param etc the directory {@code /etc} of the system
   */
  public static RelayUnit of(HostPath etc) {
    return new RelayUnit(etc.resolve("systemd/system"));
  }

  /**
   * Writes the unit with mode 0644; one that is already there is replaced as a whole.
   *
   * @param command the absolute path of the syschroot command
   * @param arguments what follows {@code syslog relay}, one word each
   * @return the file
   * @throws IOException if it cannot be written
   */
  public HostPath write(Kernel kernel, OsString command, List<OsString> arguments)
      throws IOException {
    if (!Files.isDirectory(units.toPath())) {
      throw new IOException(
          units
              + " is not a directory: without systemd, start \"syslog relay\" from a boot"
              + " script");
    }
    HostPath file = units.resolve(NAME);
    byte[] text = text(command, arguments).getBytes(StandardCharsets.UTF_8);
    WholeFile.at(kernel, ROOT, file).replace(text, MODE);
    return file;
  }

  /**
   * Returns the text of the unit. What would hide the images or the sockets in them is not
   * restricted: no ProtectSystem, PrivateTmp, PrivateDevices, ProtectHome. Nor is the network
   * namespace another one, in which sock_diag(7) would not find the relay's sockets. Memory that is
   * both written and executed is what a JVM compiles to.
   */
  static String text(OsString command, List<OsString> arguments) {
    List<OsString> words = new ArrayList<>();
    words.addAll(List.of(command, OsString.of("syslog"), OsString.of("relay")));
    words.addAll(arguments);
    return "# Written by syschroot syslog relay --install-unit.\n"
        + "[Unit]\n"
        + "Description=Relay of /dev/log in the syschroot images\n"
        + "After=local-fs.target remote-fs.target syschroot-mounts.service syslog.socket\n"
        + "\n"
        + "[Service]\n"
        + "Type=notify\n"
        + "ExecStart="
        + UnitCommand.of(words)
        + "\n"
        + "Restart=always\n"
        + "RestartSec=1\n"
        + "WatchdogSec=30\n"
        + "TimeoutStopSec=20\n"
        + "MemoryMax=256M\n"
        + "OOMScoreAdjust=-500\n"
        + "LimitNOFILE=16384\n"
        + "IPAddressDeny=any\n"
        + "CapabilityBoundingSet="
        + capabilities()
        + "\n"
        + "NoNewPrivileges=yes\n"
        + "LockPersonality=yes\n"
        + "ProtectClock=yes\n"
        + "ProtectControlGroups=yes\n"
        + "ProtectHostname=yes\n"
        + "ProtectKernelLogs=yes\n"
        + "ProtectKernelModules=yes\n"
        + "ProtectKernelTunables=yes\n"
        + "RestrictAddressFamilies=AF_UNIX\n"
        + "RestrictNamespaces=yes\n"
        + "RestrictRealtime=yes\n"
        + "RestrictSUIDSGID=yes\n"
        + "SystemCallArchitectures=native\n"
        + "SystemCallFilter=@system-service\n"
        + "UMask=0022\n"
        + "\n"
        + "[Install]\n"
        + "WantedBy=multi-user.target\n";
  }

  private static String capabilities() {
    return SyslogRelay.CAPABILITIES.stream()
        .sorted()
        .map(RelayUnit::name)
        .collect(Collectors.joining(" "));
  }

  private static String name(Capability capability) {
    return "CAP_" + capability.name();
  }
}
