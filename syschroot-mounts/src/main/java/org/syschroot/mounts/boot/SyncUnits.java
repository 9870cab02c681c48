// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.boot;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  private static final String NOTE = "/run/syschroot-sync-due";
  private static final String NO_LIMIT_OF_TRIGGERS = "TriggerLimitIntervalSec=0\n";
  // Whatever is followed is in one of these.
  private static final String ETC = "/etc";
  private static final List<String> FURTHER_DIRECTORIES =
      List.of("/etc/default", "/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/cups", "/run/user");

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
   * Writes the units with mode 0644, in the place of those that are there.
   *
   * @param command the absolute path of the syschroot command
   * @param arguments what follows {@code sync}
   * @return the files that were written
   * @throws IOException if one cannot be written, such as where systemd has no directory for units
   */
  public List<HostPath> write(Kernel kernel, OsString command, List<OsString> arguments)
      throws IOException {
    List<HostPath> files = new ArrayList<>();
    for (Map.Entry<String, String> unit : texts(command, arguments).entrySet()) {
      HostPath file = directory.resolve(unit.getKey());
      byte[] text = OsString.of(ORIGIN + unit.getValue()).toBytes();
      WholeFile.at(kernel, ROOT, file).replace(text, MODE);
      files.add(file);
    }
    return files;
  }

  /**
   * Returns the text of each unit by its name. Whoever enables {@code syschroot-sync.path} has all
   * of them.
   *
   * @param command the absolute path of the syschroot command
   * @param arguments what follows {@code sync}
   */
  public static Map<String, String> texts(OsString command, List<OsString> arguments) {
    Map<String, String> units = new LinkedHashMap<>();
    units.put("syschroot-sync.path", changes());
    units.put("syschroot-sync-of@.path", furtherChanges());
    units.put("syschroot-sync-due.service", due());
    units.put("syschroot-sync-due.path", whileDue());
    units.put("syschroot-sync.service", renewal(command, arguments));
    return units;
  }

  /**
   * Waits for changes in {@code /etc}, systemd.path(5). One directory, and not the files: each
   * event of any path of a unit makes systemd watch all of them anew, and what happened to the
   * others meanwhile is lost. So a file that is not there, for which systemd watches the directory,
   * would hide changes of the files that are.
   */
  private static String changes() {
    StringBuilder unit =
        new StringBuilder(
            "[Unit]\n"
                + "Description=Changes of files that syschroot images follow\n"
                + "Requires=syschroot-sync-due.path\n");
    for (String further : FURTHER_DIRECTORIES) {
      String instance = further.substring(1).replace('/', '-');
      unit.append("Wants=syschroot-sync-of@" + instance + ".path\n");
    }
    return unit + "\n" + watch(ETC) + "\n[Install]\nWantedBy=multi-user.target\n";
  }

  /** Waits for changes in another directory, which need not be there. */
  private static String furtherChanges() {
    return "[Unit]\n"
        + "Description=Changes in %f that syschroot images follow\n"
        + "PartOf=syschroot-sync.path\n"
        + "\n"
        + watch("%f");
  }

  private static String watch(String directory) {
    return "[Path]\n"
        + "Unit=syschroot-sync-due.service\n"
        + NO_LIMIT_OF_TRIGGERS
        + "PathChanged="
        + directory
        + "\n";
  }

  /**
   * Notes that something has changed. While the service that a path unit has started is running,
   * systemd does not look at {@code PathChanged}, and never learns of what happens meanwhile. This
   * one takes milliseconds, and what happens then is seen by the renewal, which comes after it.
   */
  private static String due() {
    return "[Unit]\n"
        + "Description=Note that syschroot images are to be renewed\n"
        + "StartLimitIntervalSec=0\n"
        + "\n"
        + "[Service]\n"
        + "Type=oneshot\n"
        + "ExecStart=/bin/touch "
        + NOTE
        + "\n";
  }

  /** Starts renewals as long as there is a note: that systemd looks at again after each. */
  private static String whileDue() {
    return "[Unit]\n"
        + "Description=Renewal of syschroot images that is due\n"
        + "PartOf=syschroot-sync.path\n"
        + "\n"
        + "[Path]\n"
        + "Unit=syschroot-sync.service\n"
        + NO_LIMIT_OF_TRIGGERS
        + "PathExists="
        + NOTE
        + "\n";
  }

  /** Many changes within seconds are no failure. */
  private static String renewal(OsString command, List<OsString> arguments) {
    List<OsString> words = new ArrayList<>(List.of(command, OsString.of("sync")));
    words.addAll(arguments);
    return "[Unit]\n"
        + "Description=Accounts and other files of syschroot images\n"
        + "After=local-fs.target remote-fs.target nss-user-lookup.target\n"
        + "After=syschroot-sync-due.service\n"
        + "StartLimitIntervalSec=0\n"
        + "\n"
        + "[Service]\n"
        + "Type=oneshot\n"
        + "ExecStartPre=/bin/rm -f "
        + NOTE
        + "\n"
        + "ExecStart="
        + UnitCommand.of(words)
        + "\n";
  }
}
