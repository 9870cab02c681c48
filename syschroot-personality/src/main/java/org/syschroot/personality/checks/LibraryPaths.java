// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.checks;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.syschroot.personality.doctor.Check;
import org.syschroot.personality.doctor.Examination;
import org.syschroot.personality.doctor.Finding;
import org.syschroot.personality.files.SystemFile;
import org.syschroot.personality.files.SystemFiles;
import org.syschroot.personality.glibc.LibraryCache;

/**
 * Libraries that the loader does not find (ld.so.conf, ldconfig(8)): in directories of the native
 * system that are seen in the image and searched natively only, or gone since the image's cache was
 * made. All other differences of ld.so.conf are as they should be, since the libraries differ.
 */
final class LibraryPaths implements Check {
  private static final String FILE = "/etc/ld.so.conf";
  private static final int MOST_FILES = 500;

  @Override
  public List<Finding> examine(Examination examination) {
    List<Finding> findings = new ArrayList<>();
    SystemFiles inside = examination.inside();
    Set<String> image = real(inside, directories(inside));
    List<String> lost = new ArrayList<>();
    for (String directory : directories(examination.host())) {
      Optional<SystemFile> seen = inside.find(directory);
      boolean isShown =
          inside.isMounted(directory)
              && seen.isPresent()
              && examination
                  .host()
                  .find(directory)
                  .filter(host -> host.status().sameFileAs(seen.get().status()))
                  .isPresent();
      if (isShown && !image.contains(seen.get().path())) {
        lost.add(directory);
      }
    }
    if (!lost.isEmpty()) {
      findings.add(
          Finding.warning("library-path-differs")
              .effect(
                  "programs in directories that the image shares with the native system do not"
                      + " find libraries: \"cannot open shared object file\"")
              .cause(
                  "the native ld.so.conf names "
                      + String.join(", ", lost)
                      + ", which the image shows too, but its own does not name")
              .remedy(
                  "add a file with these lines to "
                      + examination.tree().shown("/etc/ld.so.conf.d")
                      + ", and run ldconfig in the image")
              .paths(lost)
              .build());
    }
    Optional<LibraryCache> cache = examination.binaries().cache();
    List<String> gone =
        cache.stream()
            .flatMap(made -> made.libraries().stream())
            .map(LibraryCache.Entry::path)
            .filter(path -> inside.find(path).isEmpty())
            .map(inside::shown)
            .distinct()
            .toList();
    if (!gone.isEmpty()) {
      findings.add(
          Finding.warning("library-cache-outdated")
              .effect("programs may not find libraries: \"cannot open shared object file\"")
              .cause(gone.size() + " libraries of the image's ld.so.cache are not there any more")
              .remedy("run ldconfig in the image")
              .paths(gone)
              .build());
    }
    return findings;
  }

  private static Set<String> real(SystemFiles files, Set<String> directories) {
    Set<String> real = new LinkedHashSet<>();
    directories.forEach(path -> files.find(path).ifPresent(found -> real.add(found.path())));
    return real;
  }

  private static Set<String> directories(SystemFiles files) {
    Set<String> directories = new LinkedHashSet<>();
    readFile(files, FILE, directories, new LinkedHashSet<>());
    return directories;
  }

  private static void readFile(
      SystemFiles files, String path, Set<String> directories, Set<String> seen) {
    if (seen.size() >= MOST_FILES || !seen.add(path)) {
      return;
    }
    for (String line : files.text(path).orElse("").split("\n")) {
      String text = line.replaceFirst("#.*", "").strip();
      if (text.startsWith("include ")) {
        for (String pattern : text.substring(8).strip().split("\\s+")) {
          included(files, pattern, path).forEach(file -> readFile(files, file, directories, seen));
        }
      } else if (text.startsWith("/")) {
        directories.add(text.replaceFirst("=.*", ""));
      }
    }
  }

  /** Wildcards are taken as ldconfig's standard files use them: in the last name, and only *. */
  private static List<String> included(SystemFiles files, String pattern, String from) {
    String whole =
        pattern.startsWith("/") ? pattern : from.substring(0, from.lastIndexOf('/') + 1) + pattern;
    int slash = whole.lastIndexOf('/');
    String name = whole.substring(slash + 1);
    int star = name.indexOf('*');
    if (star < 0) {
      return List.of(whole);
    }
    String start = name.substring(0, star);
    String end = name.substring(star + 1);
    return files.list(slash == 0 ? "/" : whole.substring(0, slash)).stream()
        .filter(file -> file.startsWith(start) && file.endsWith(end))
        .map(file -> whole.substring(0, slash + 1) + file)
        .toList();
  }
}
