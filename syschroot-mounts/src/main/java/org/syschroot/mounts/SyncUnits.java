// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.kernel.Kernel;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.quote.UnitCommand;
import org.syschroot.trust.WholeFile;

/**
 * The systemd units that bring images up to date when a file changes that they follow, or somebody
 * logs in. Immutable and thread-safe.
 */
public final class SyncUnits {
  private static final int ROOT = 0;
  private static final int MODE = 0644;
  private static final String ORIGIN = "# Written by syschroot sync --install-units.\n";
  private static final List<String> FOLLOWED =
      List.of(
          "/etc/passwd",
          "/etc/group",
          "/etc/shadow",
          "/etc/hosts",
          "/etc/resolv.conf",
          "/etc/localtime",
          "/etc/machine-id",
          "/etc/default/locale",
          "/etc/locale.conf",
          "/etc/ssl/certs/ca-certificates.crt",
          "/etc/pki/tls/certs/ca-bundle.crt",
          "/etc/cups/client.conf",
          "/run/user");

  private final HostPath directory;

  private SyncUnits(HostPath etc) {
    this.directory = etc.resolve("systemd/system");
  }

  /**
   * Returns the units of a system.
   *
   * @param etc the directory {@code /etc} of the system
   */
  public static SyncUnits of(HostPath etc) {
    return new SyncUnits(etc);
  }

  /**
   * Writes both units with mode 0644, in the place of those that are there.
   *
   * @param command the absolute path of the syschroot command
   * @param arguments what follows {@code sync}
   * @return the files that were written
   * @throws IOException if one cannot be written, such as where systemd has no directory for units
   */
  public List<HostPath> write(Kernel kernel, OsString command, List<OsString> arguments)
      throws IOException {
    HostPath path = directory.resolve("syschroot-sync.path");
    HostPath service = directory.resolve("syschroot-sync.service");
    write(kernel, path, ORIGIN + path());
    write(kernel, service, ORIGIN + service(command, arguments));
    return List.of(path, service);
  }

  private static void write(Kernel kernel, HostPath file, String text) throws IOException {
    WholeFile.at(kernel, ROOT, file).replace(OsString.of(text).toBytes(), MODE);
  }

  /** Returns the text of the unit that waits for changes, systemd.path(5). */
  public static String path() {
    StringBuilder unit =
        new StringBuilder(
            "[Unit]\nDescription=Changes of files that syschroot images follow\n\n[Path]\n");
    FOLLOWED.forEach(file -> unit.append("PathChanged=").append(file).append('\n'));
    return unit + "\n[Install]\nWantedBy=multi-user.target\n";
  }

  /**
   * Returns the text of the unit that renews. Many changes within seconds are no failure.
   *
   * @param command the absolute path of the syschroot command
   * @param arguments what follows {@code sync}
   */
  public static String service(OsString command, List<OsString> arguments) {
    List<OsString> words = new ArrayList<>(List.of(command, OsString.of("sync")));
    words.addAll(arguments);
    return "[Unit]\n"
        + "Description=Accounts and other files of syschroot images\n"
        + "After=local-fs.target remote-fs.target nss-user-lookup.target\n"
        + "StartLimitIntervalSec=0\n"
        + "\n"
        + "[Service]\n"
        + "Type=oneshot\n"
        + "ExecStart="
        + UnitCommand.of(words)
        + "\n";
  }
}
