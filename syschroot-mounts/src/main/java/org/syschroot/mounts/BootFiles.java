// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * What brings the mounts of all images up at boot and down before the shutdown unmounts what they
 * show: a systemd unit, and a fragment for hosts with an rc.local. Immutable and thread-safe.
 */
public final class BootFiles {
  private static final String UNIT_NAME = "syschroot-mounts.service";
  private static final String FRAGMENT_NAME = "rc.local";

  private final Path units;
  private final Path fragment;

  private BootFiles(Path units, Path fragment) {
    this.units = units;
    this.fragment = fragment;
  }

  /**
   * Returns the boot files of a system.
   *
   * @param etc the directory {@code /etc} of the system
   */
  public static BootFiles of(Path etc) {
    return new BootFiles(
        etc.resolve("systemd/system"), etc.resolve("syschroot").resolve(FRAGMENT_NAME));
  }

  /**
   * Writes the unit, if the system has a place for units, and the fragment. Files that are already
   * there are replaced as a whole.
   *
   * @param command the absolute path of the syschroot command
   * @return the files that were written
   * @throws IOException if one cannot be written
   */
  public List<Path> write(String command) throws IOException {
    List<Path> written = new ArrayList<>();
    if (Files.isDirectory(units)) {
      written.add(
          replace(
              units.resolve(UNIT_NAME),
              "# Written by syschroot mount --install-boot.\n" + unit(command)));
    }
    Files.createDirectories(fragment.getParent());
    written.add(replace(fragment, fragment(command)));
    return written;
  }

  private static Path replace(Path file, String text) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".new");
    Files.write(next, text.getBytes(StandardCharsets.UTF_8));
    return Files.move(
        next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Returns the text of the systemd unit. systemd stops units in the reverse order of their start:
   * down before remote-fs goes.
   *
   * @param command the absolute path of the syschroot command
   */
  public static String unit(String command) {
    return "[Unit]\n"
        + "Description=Mounts of the syschroot images\n"
        + "After=local-fs.target remote-fs.target autofs.service\n"
        + "Wants=remote-fs.target\n"
        + "\n"
        + "[Service]\n"
        + "Type=oneshot\n"
        + "RemainAfterExit=yes\n"
        + "ExecStart="
        + command
        + " mount --all\n"
        + "ExecStop="
        + command
        + " umount --all\n"
        + "\n"
        + "[Install]\n"
        + "WantedBy=multi-user.target\n";
  }

  static String fragment(String command) {
    return "# Written by syschroot mount --install-boot. To be run from rc.local after the network file\n"
        + "# systems are mounted, as \"sh /etc/syschroot/rc.local\", and from the shutdown script before\n"
        + "# they are unmounted, as \"sh /etc/syschroot/rc.local stop\".\n"
        + "case \"${1-start}\" in\n"
        + "    stop) "
        + command
        + " umount --all ;;\n"
        + "    *) "
        + command
        + " mount --all ;;\n"
        + "esac\n";
  }
}
