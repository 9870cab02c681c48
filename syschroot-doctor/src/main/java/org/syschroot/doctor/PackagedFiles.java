// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.syschroot.doctor.files.BudgetSpentException;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.files.TextLines;
import org.syschroot.doctor.rpm.RpmDatabase;
import org.syschroot.doctor.rpm.RpmException;

/**
 * Which files of an image come from its packages, by dpkg's lists (dpkg(1)) or by rpm(8).
 * Immutable.
 *
 * @param paths those that a package has brought, among the paths asked for; empty if that is not
 *     known
 * @param obstacle why it is not known, and what to do about it
 */
public record PackagedFiles(Optional<Set<String>> paths, Obstacle obstacle) {
  private static final String LISTS = "/var/lib/dpkg/info";
  private static final String DIVERSIONS = "/var/lib/dpkg/diversions";

  private static final long MOST_BYTES = 256 << 20; // a large distribution has 50 MiB

  private static final String LOOK = "look at the list in the report";
  private static final Obstacle NO_DATABASE =
      new Obstacle("the image has no package database, neither of dpkg nor of rpm", LOOK);

  /**
   * Why nothing is known. Immutable.
   *
   * @param cause what is in the way
   * @param remedy what to do about it
   */
  public record Obstacle(String cause, String remedy) {}

  /** Copies the set. */
  public PackagedFiles {
    paths = paths.map(Set::copyOf);
  }

  /** Looks for those of some paths that a package has brought. */
  static PackagedFiles among(Set<String> paths, SystemFiles tree) {
    try {
      Optional<Set<String>> listed = listed(paths, tree);
      return listed.isPresent() || paths.isEmpty()
          ? new PackagedFiles(listed, NO_DATABASE)
          : byRpm(paths, tree);
    } catch (BudgetSpentException e) {
      tree.noteLeftOut(LISTS, e);
      return unknown(new Obstacle("its package database is too much to be read", LOOK));
    }
  }

  private static PackagedFiles unknown(Obstacle obstacle) {
    return new PackagedFiles(Optional.empty(), obstacle);
  }

  private static PackagedFiles byRpm(Set<String> paths, SystemFiles tree) {
    Optional<RpmDatabase> database = RpmDatabase.of(tree);
    if (database.isEmpty()) {
      return unknown(NO_DATABASE);
    }
    try {
      Map<String, String> wanted = namesOf(paths, tree);
      Set<String> found = new HashSet<>();
      database.get().owned(wanted.keySet()).forEach(name -> found.add(wanted.get(name)));
      return new PackagedFiles(Optional.of(found), NO_DATABASE);
    } catch (RpmException e) {
      String remedy =
          e.isMissing()
              ? "apt-get install rpm"
              : LOOK + "; as an ordinary user in the image: rpm -qf FILE, rpm -V PACKAGE";
      return unknown(new Obstacle(String.valueOf(e.getMessage()), remedy));
    } catch (IOException e) {
      return unknown(new Obstacle("its package database: " + e.getMessage(), LOOK));
    }
  }

  private static Optional<Set<String>> listed(Set<String> paths, SystemFiles tree) {
    List<String> names = tree.list(LISTS);
    if (names.stream().noneMatch(name -> name.endsWith(".list"))) {
      return Optional.empty();
    }
    Map<String, String> wanted = namesOf(paths, tree);
    Set<String> found = new HashSet<>();
    long bytes = 0;
    for (String name : names) {
      if (name.endsWith(".list") && !wanted.isEmpty()) {
        String lines = tree.text(LISTS + "/" + name).orElse("");
        bytes += lines.length();
        if (bytes > MOST_BYTES) {
          throw new BudgetSpentException(
              "the lists of files have more than " + MOST_BYTES + " bytes");
        }
        match(lines, wanted, found);
      }
    }
    // A diverted file has the name of the second of each three lines.
    tree.text(DIVERSIONS).ifPresent(lines -> match(lines, wanted, found));
    return Optional.of(found);
  }

  /** Returns the paths by the names that packages may have for them. */
  private static Map<String, String> namesOf(Set<String> paths, SystemFiles tree) {
    Map<String, String> names = new HashMap<>();
    for (String path : paths) {
      names.put(path, path);
      // Packages made before /bin was merged into /usr/bin still say /bin.
      if (path.startsWith("/usr/") && isLink(tree, path.substring(4))) {
        names.put(path.substring(4), path);
      }
    }
    return names;
  }

  private static boolean isLink(SystemFiles tree, String path) {
    int end = path.indexOf('/', 1);
    return end > 0
        && tree.findLink(path.substring(0, end))
            .filter(file -> file.status().isSymbolicLink())
            .isPresent();
  }

  private static void match(String lines, Map<String, String> wanted, Set<String> found) {
    for (String line : new TextLines(lines)) {
      String path = wanted.get(line);
      if (path != null) {
        found.add(path);
      }
    }
  }
}
