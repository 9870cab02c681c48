// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.doctor;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.syschroot.personality.files.SystemFiles;

/** Which files of an image come from its packages, by dpkg's lists (dpkg(1)). */
final class PackagedFiles {
  private static final String LISTS = "/var/lib/dpkg/info";
  private static final String DIVERSIONS = "/var/lib/dpkg/diversions";

  private PackagedFiles() {}

  /**
   * Returns those of some paths that a package has brought, or empty if the image has no database
   * of dpkg. Databases of rpm are in formats of several libraries, and are not read.
   */
  static Optional<Set<String>> among(Set<String> paths, SystemFiles tree) {
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
    for (String name : names) {
      if (name.endsWith(".list") && !wanted.isEmpty()) {
        tree.text(LISTS + "/" + name).ifPresent(lines -> match(lines, wanted, found));
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
    int start = 0;
    while (start < lines.length()) {
      int end = lines.indexOf('\n', start);
      end = end < 0 ? lines.length() : end;
      String path = wanted.get(lines.substring(start, end));
      if (path != null) {
        found.add(path);
      }
      start = end + 1;
    }
  }
}
