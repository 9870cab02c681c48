// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.service;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Collectors;
import org.syschroot.kernel.Capability;
import org.syschroot.syslog.SyslogRelay;

/** The systemd unit of the relay. Immutable and thread-safe. */
public final class RelayUnit {
  private static final String NAME = "syschroot-syslog.service";

  private final Path units;

  private RelayUnit(Path units) {
    this.units = units;
  }

  /**
   * Returns the unit of a system.
   *
   * @param etc the directory {@code /etc} of the system
   */
  public static RelayUnit of(Path etc) {
    return new RelayUnit(etc.resolve("systemd/system"));
  }

  /**
   * Writes the unit; one that is already there is replaced as a whole.
   *
   * @param command the absolute path of the syschroot command
   * @param arguments what follows {@code syslog relay}, one word each
   * @return the file
   * @throws IOException if it cannot be written
   */
  public Path write(String command, List<String> arguments) throws IOException {
    if (!Files.isDirectory(units)) {
      throw new IOException(
          units + " is no directory: without systemd, start \"syslog relay\" from a boot script");
    }
    Path file = units.resolve(NAME);
    Path next = units.resolve(NAME + ".new");
    Files.write(next, text(command, arguments).getBytes(StandardCharsets.UTF_8));
    return Files.move(
        next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Returns the text of the unit. What would hide the images or the sockets in them is not
   * restricted: no ProtectSystem, PrivateTmp, PrivateDevices, ProtectHome. Nor is the network
   * namespace another one, in which sock_diag(7) would not find the relay's sockets. Memory that is
   * both written and executed is what a JVM compiles to.
   */
  static String text(String command, List<String> arguments) {
    String words = arguments.stream().map(word -> " " + quoted(word)).collect(Collectors.joining());
    return "# Written by syschroot syslog relay --install-unit.\n"
        + "[Unit]\n"
        + "Description=Relay of /dev/log in the syschroot images\n"
        + "After=local-fs.target remote-fs.target syschroot-mounts.service syslog.socket\n"
        + "\n"
        + "[Service]\n"
        + "Type=notify\n"
        + "ExecStart="
        + quoted(command)
        + " syslog relay"
        + words
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

  /** A word of a command line of systemd.service(5), in quotes only where it needs them. */
  private static String quoted(String word) {
    String escaped =
        word.replace("\\", "\\\\").replace("\"", "\\\"").replace("%", "%%").replace("$", "$$");
    return escaped.matches("[A-Za-z0-9_@%+=:,./-]+") ? escaped : '"' + escaped + '"';
  }
}
