// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.boot;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.kernel.Kernel;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.quote.ShellQuote;
import org.syschroot.quote.UnitCommand;
import org.syschroot.trust.WholeFile;

/**
 * What brings the mounts of images up at boot and down before the shutdown unmounts what they show:
 * a systemd unit, and a fragment for hosts with an rc.local. Immutable and thread-safe.
 */
public final class BootFiles {
  private static final int ROOT = 0;
  private static final int MODE = 0644;
  private static final int MODE_OF_DIRECTORY = 0755;
  private static final String ORIGIN = "# Written by syschroot mount --install-boot.";

  /**
   * What starts programs of users, by the names of units in Debian, Fedora and the batch systems'
   * own packages. One that a host does not have does not matter.
   */
  private static final List<String> LATER =
      List.of(
          "slurmd.service",
          "pbs.service",
          "pbs_mom.service",
          "condor.service",
          "gridengine-exec.service",
          "lsfd.service",
          "flux.service",
          "oar-node.service",
          "cron.service",
          "crond.service",
          "atd.service",
          "ssh.service",
          "sshd.service",
          // Sessions of users are ordered after it, and so end before the mounts go.
          "systemd-user-sessions.service",
          "display-manager.service");

  private final HostPath units;
  private final HostPath unit;
  private final HostPath fragment;

  private BootFiles(HostPath etc) {
    this.units = etc.resolve("systemd/system");
    this.unit = units.resolve("syschroot-mounts.service");
    this.fragment = etc.resolve("syschroot/rc.local");
  }

  /**
   * Returns the boot files of a system.
   *
   * @param etc the directory {@code /etc} of the system
   */
  public static BootFiles of(HostPath etc) {
    return new BootFiles(etc);
  }

  /**
   * Writes the unit, if the system has a place for units, and the fragment, with mode 0644. Files
   * that are already there are replaced as a whole.
   *
   * @param command the absolute path of the syschroot command
   * @param arguments what follows {@code mount} and {@code umount}: images, or {@code --all}, and
   *     options that both have
   * @return the files that were written
   * @throws IOException if one cannot be written
   */
  public List<HostPath> write(Kernel kernel, OsString command, List<OsString> arguments)
      throws IOException {
    List<HostPath> written = new ArrayList<>();
    if (Files.isDirectory(units.toPath())) {
      OsString text = OsString.of(ORIGIN + "\n" + unit(command, arguments));
      WholeFile.at(kernel, ROOT, unit).replace(text.toBytes(), MODE);
      written.add(unit);
    }
    WholeFile file = WholeFile.at(kernel, ROOT, fragment);
    file.makeDirectory(MODE_OF_DIRECTORY);
    file.replace(fragment(command, arguments).toBytes(), MODE);
    written.add(fragment);
    return written;
  }

  /**
   * Returns the text of the systemd unit. systemd stops units in the reverse order of their start:
   * jobs and sessions first, then these mounts, then the remote file systems.
   *
   * <p>It names no {@code RequiresMountsFor=}: a file server that is missing would keep the images
   * of all others down too. For the same reason 125 and 1, the statuses if one image of several
   * fails and if the file of one is refused, count as success: of a unit that has failed, systemd
   * would not run the stop command, and the good images would be up at shutdown. 3 does not: a host
   * without any image is not as it should be. A unit that hangs delays those after it by the time
   * limit only, since they are ordered after it and do not require it.
   *
   * @param command the absolute path of the syschroot command
   * @param arguments what follows {@code mount} and {@code umount}
   */
  public static String unit(OsString command, List<OsString> arguments) {
    return "[Unit]\n"
        + "Description=Mounts of the syschroot images\n"
        + "After=local-fs.target remote-fs.target autofs.service nss-user-lookup.target\n"
        + "Before="
        + String.join(" ", LATER)
        + "\n"
        + "Wants=remote-fs.target\n"
        + "\n"
        + "[Service]\n"
        + "Type=oneshot\n"
        + "RemainAfterExit=yes\n"
        + "SuccessExitStatus=1 125\n"
        + "TimeoutStartSec=3min\n"
        + "ExecStart="
        + UnitCommand.of(words(command, "mount", arguments))
        + "\n"
        + "ExecStop="
        + UnitCommand.of(words(command, "umount", arguments))
        + "\n"
        + "\n"
        + "[Install]\n"
        + "WantedBy=multi-user.target\n";
  }

  /** The fragment. Its text for people has no word that others choose. */
  private static OsString fragment(OsString command, List<OsString> arguments) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    text.writeBytes(
        (ORIGIN
                + " To be run from rc.local after the network\n# filesystems are mounted, as \"sh"
                + " /etc/syschroot/rc.local\", and from the shutdown script before\n"
                + "# they are unmounted, as \"sh /etc/syschroot/rc.local stop\".\n"
                + "case \"${1-start}\" in\n"
                + "    stop) ")
            .getBytes(StandardCharsets.UTF_8));
    text.writeBytes(ShellQuote.of(words(command, "umount", arguments)).toBytes());
    text.writeBytes(" ;;\n    *) ".getBytes(StandardCharsets.UTF_8));
    text.writeBytes(ShellQuote.of(words(command, "mount", arguments)).toBytes());
    text.writeBytes(" ;;\nesac\n".getBytes(StandardCharsets.UTF_8));
    return OsString.ofBytes(text.toByteArray());
  }

  private static List<OsString> words(OsString command, String verb, List<OsString> arguments) {
    List<OsString> words = new ArrayList<>(List.of(command, OsString.of(verb)));
    words.addAll(arguments);
    return words;
  }
}
