// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.rpm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.syschroot.doctor.files.SystemFile;
import org.syschroot.doctor.files.SystemFiles;

/**
 * The package database of an image, in any of the forms that rpm has had: Berkeley DB to 2020,
 * sqlite (Fedora, Red Hat) and ndb (SUSE) since. For one thread.
 *
 * <p>No program of the image is run. The host's rpm reads a copy of the database's files, so that
 * it changes nothing in the image, and as a user who may do nothing, since the files are the
 * image's: see {@link HostRpm}.
 */
public final class RpmDatabase {
  private static final List<String> PLACES = List.of("/usr/lib/sysimage/rpm", "/var/lib/rpm");

  private static final String OWN = "rpmdb.sqlite";

  /** The files of each form; the first one tells which it is. */
  private static final List<List<String>> FORMS =
      List.of(
          List.of(OWN, "rpmdb.sqlite-wal"),
          List.of("Packages.db", "Index.db"),
          List.of("Packages"));

  private final SystemFiles tree;
  private final List<SystemFile> files;
  private final HostRpm rpm;

  private RpmDatabase(SystemFiles tree, List<SystemFile> files, HostRpm rpm) {
    this.tree = tree;
    this.files = files;
    this.rpm = rpm;
  }

  /** Finds the database of an image, if it has one. */
  public static Optional<RpmDatabase> of(SystemFiles tree) {
    return of(tree, HostRpm.PROGRAM);
  }

  static Optional<RpmDatabase> of(SystemFiles tree, Path program) {
    for (String place : PLACES) {
      for (List<String> form : FORMS) {
        List<SystemFile> files =
            form.stream()
                .flatMap(name -> tree.find(place + "/" + name).stream())
                .filter(file -> file.status().isRegularFile())
                .toList();
        if (!files.isEmpty() && files.get(0).path().endsWith("/" + form.get(0))) {
          return Optional.of(new RpmDatabase(tree, files, new HostRpm(program)));
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Returns those of some paths that a package has brought.
   *
   * @param paths one character a byte
   * @throws RpmException if the host's rpm is missing, or cannot read the database
   * @throws IOException if the copy cannot be made
   */
  public Set<String> owned(Set<String> paths) throws RpmException, IOException {
    Set<String> found = new HashSet<>();
    query(
        List.of("--all", "--queryformat", "[%{FILENAMES}\\n]"),
        line -> {
          if (paths.contains(line)) {
            found.add(line);
          }
        });
    return found;
  }

  /**
   * Returns what the package of the C library says, empty if there is none.
   *
   * @throws RpmException as {@link #owned}
   * @throws IOException as {@link #owned}
   */
  public Optional<GlibcPackage> glibc() throws RpmException, IOException {
    GlibcPackage.Lines lines = new GlibcPackage.Lines();
    query(List.of("--all", "--queryformat", GlibcPackage.FORMAT, "glibc"), lines);
    return lines.result();
  }

  private void query(List<String> words, Consumer<String> lines) throws RpmException, IOException {
    try (DatabaseCopy copy = DatabaseCopy.of(tree, files)) {
      rpm.query(copy, words, lines, tree.budget());
      // A form that the host's rpm does not know is none for it, and it makes an empty one.
      String form = files.get(0).path();
      if (!form.endsWith(OWN) && Files.exists(copy.directory().resolve(OWN))) {
        throw RpmException.unreadable("it does not know the form of " + files.get(0).shown());
      }
    }
  }
}
