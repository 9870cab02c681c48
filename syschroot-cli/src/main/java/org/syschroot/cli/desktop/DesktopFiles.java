// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.desktop;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.caller.Caller;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Kernel;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.trust.WholeFile;

/** The files of an image's desktop entry, in a directory of the XDG base directories. */
final class DesktopFiles {
  private static final String FOR_ALL = "/usr/local/share";

  private static final int MODE = 0644;
  private static final int MODE_OF_DIRECTORY = 0755;

  private final Kernel kernel;
  private final int uid;
  private final Path entry;
  private final Path icon;
  private final ImageName image;

  /**
   * Creates the files' places.
   *
   * @param uid the user of this process
   */
  DesktopFiles(Kernel kernel, int uid, Path dataDirectory, ImageName image) {
    this.kernel = kernel;
    this.uid = uid;
    this.image = image;
    this.entry = dataDirectory.resolve("applications/syschroot-" + image + ".desktop");
    this.icon = dataDirectory.resolve("icons/hicolor/scalable/apps/syschroot-" + image + ".svg");
  }

  /** Returns where entries go: for all users if root writes them, else for the caller. */
  static Path dataDirectory(int uid, Caller caller) throws DesktopException {
    if (uid == 0) {
      return Path.of(FOR_ALL);
    }
    Optional<Path> given = absolute(caller.variable("XDG_DATA_HOME"));
    Optional<Path> home = absolute(caller.variable("HOME"));
    return given
        .or(() -> home.map(directory -> directory.resolve(".local/share")))
        .orElseThrow(() -> new DesktopException("HOME is not set: set it to your home directory"));
  }

  private static Optional<Path> absolute(Optional<OsString> variable) {
    return variable
        .map(OsString::toString)
        .filter(path -> path.startsWith("/"))
        .map(path -> Path.of(path));
  }

  Path icon() {
    return icon;
  }

  /**
   * Writes both files, in place of earlier ones of ours.
   *
   * @return their paths
   */
  List<Path> write(String text, String svg) throws IOException {
    requireOurs();
    put(icon, svg);
    put(entry, text);
    return List.of(icon, entry);
  }

  /**
   * Removes both files.
   *
   * @return the paths of those that were there
   */
  List<Path> remove() throws IOException {
    requireOurs();
    List<Path> removed = new ArrayList<>();
    for (Path file : List.of(entry, icon)) {
      if (Files.deleteIfExists(file)) {
        removed.add(file);
      }
    }
    return removed;
  }

  private void requireOurs() throws IOException {
    if (Files.exists(entry, LinkOption.NOFOLLOW_LINKS)
        && !(Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)
            && Files.readString(entry).contains("\n" + DesktopEntry.MARKER + image + "\n"))) {
      throw new DesktopException(entry + " was not written by syschroot: move it away first");
    }
  }

  /** Complete or not at all: desktops watch these directories. */
  private void put(Path path, String content) throws IOException {
    WholeFile file = WholeFile.at(kernel, uid, HostPath.of(path));
    file.makeDirectory(MODE_OF_DIRECTORY);
    file.replace(content.getBytes(StandardCharsets.UTF_8), MODE);
  }
}
