// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.syschroot.doctor.files.BudgetSpentException;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.files.TextLines;

/** Which files of an image come from its packages, by dpkg's lists (dpkg(1)). */
final class PackagedFiles {
  private static final String LISTS = "/var/lib/dpkg/info";
  private static final String DIVERSIONS = "/var/lib/dpkg/diversions";

  private static final long MOST_BYTES = 256 << 20; // a large distribution has 50 MiB

  private PackagedFiles() {}

  /**
   * Returns those of some paths that a package has brought, or empty if the image has no database
   * of dpkg, or one that is too much to be read. Databases of rpm are in formats of several
   * libraries, and are not read.
   */
  static Optional<Set<String>> among(Set<String> paths, SystemFiles tree) {
    try {
      return listed(paths, tree);
    } catch (BudgetSpentException e) {
      tree.noteLeftOut(LISTS, e);
      return Optional.empty();
    }
  }

  private static Optional<Set<String>> listed(Set<String> paths, SystemFiles tree) {
    List<String> names = tree.list(LISTS);
    if (names.stream().noneMatch(name -> name.endsWith(".list"))) {
      return Optional.empty();
    }
    Map<String, String> wanted = new HashMap<>();
    for (String path : paths) {
      wanted.put(path, path);
      // Packages made before /bin was merged into /usr/bin still say /bin.
      if (path.startsWith("/usr/") && isLink(tree, path.substring(4))) {
        wanted.put(path.substring(4), path);
      }
    }
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
