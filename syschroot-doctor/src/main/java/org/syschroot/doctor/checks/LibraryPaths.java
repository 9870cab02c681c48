// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.SystemFile;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.glibc.LibraryCache;

/**
 * Libraries that the loader does not find (ld.so.conf, ldconfig(8)): in directories of the native
 * system that are seen in the image and searched natively only, or gone since the image's cache was
 * made. All other differences of ld.so.conf are as they should be, since the libraries differ.
 */
final class LibraryPaths implements Check {
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
                  "programs in directories shared with the host do not find libraries: \"cannot"
                      + " open shared object file\"")
              .cause(
                  "ld.so.conf of the hostnames "
                      + String.join(", ", lost)
                      + ", which are mounted in the image, but that of the image does not")
              .remedy(
                  "add a file with these lines to "
                      + examination.tree().shown("/etc/ld.so.conf.d")
                      + ", then: "
                      + ldconfig(examination))
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
              .cause(gone.size() + " libraries in the image's ld.so.cache no longer exist")
              .remedy(ldconfig(examination))
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

  private static String ldconfig(Examination examination) {
    return "syschroot run -d / " + examination.image().name() + " -- /sbin/ldconfig";
  }

  private static Set<String> directories(SystemFiles files) {
    return new LoaderSettings(files).directories();
  }
}
