// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The archives that apt of a system is configured for, to find the one its distribution comes from.
 * Immutable.
 */
public final class AptSources {
  // What debootstrap can load from, less ssh: , which apt spells in another way.
  private static final Pattern SCHEME = Pattern.compile("(https?|ftp)://.*|file:/.*");
  // Not a base system: only what was changed after its release.
  private static final Pattern PARTIAL =
      Pattern.compile(".*([-/])(security|updates|backports|proposed|proposed-updates)(-.*)?|.*/");

  private final List<AptEntry> entries;
  private final OsRelease release;

  private AptSources(List<AptEntry> entries, OsRelease release) {
    this.entries = List.copyOf(entries);
    this.release = release;
  }

  /**
   * Reads {@code sources.list} and {@code sources.list.d}, and {@code os-release}.
   *
   * @param root the root directory of the system, on any file system; not null
   * @throws IOException if a file that exists cannot be read
   */
  public static AptSources of(Path root) throws IOException {
    Path apt = root.resolve("etc/apt");
    List<AptEntry> entries = new ArrayList<>();
    Path list = apt.resolve("sources.list");
    if (Files.isRegularFile(list)) {
      entries.addAll(read(list));
    }
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(apt.resolve("sources.list.d"))) {
      try (DirectoryStream<Path> found =
          Files.newDirectoryStream(apt.resolve("sources.list.d"), "*.{list,sources}")) {
        found.forEach(files::add);
      }
    }
    Collections.sort(files);
    for (Path file : files) {
      entries.addAll(read(file));
    }
    return new AptSources(entries, OsRelease.read(root));
  }

  private static List<AptEntry> read(Path file) throws IOException {
    // Latin-1 takes any byte, and what matters is ASCII.
    List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    return file.toString().endsWith(".sources")
        ? AptEntry.parseStanzas(lines)
        : AptEntry.parseLines(lines);
  }

  /**
   * Returns the archive that the system's own distribution comes from: it has {@code main} of the
   * system's code name, or at least looks like a distribution's by its keyring or path. Archives of
   * updates only and of other suppliers do not count.
   *
   * @throws CreateException if there is none; the message asks for {@code --mirror}
   */
  public String mirror() throws CreateException {
    AptEntry best = null;
    for (AptEntry entry : entries) {
      if (rank(entry) > (best == null ? 0 : rank(best))) {
        best = entry;
      }
    }
    if (best == null) {
      throw new CreateException(
          "no archive of Debian or Ubuntu in /etc/apt/sources.list and /etc/apt/sources.list.d:"
              + " use --mirror URL");
    }
    return best.uri();
  }

  /** Returns how well an archive fits; 0 for not at all. */
  private int rank(AptEntry entry) {
    if (!SCHEME.matcher(entry.uri()).matches()
        || PARTIAL.matcher(entry.suite()).matches()
        || !entry.components().contains("main")) {
      return 0;
    }
    boolean signed = !entry.signedBy().isEmpty();
    if (signed && !signedByDistribution(entry.signedBy())) {
      return 0;
    }
    int rank = release.codename().filter(entry.suite()::equals).isPresent() ? 1 : 0;
    return rank + (namedAsDistribution(entry.uri()) ? 2 : 0) + (signed ? 4 : 0);
  }

  private boolean signedByDistribution(String keyring) {
    String file = keyring.substring(keyring.lastIndexOf('/') + 1);
    return release.distributions().stream().anyMatch(name -> file.startsWith(name + "-archive-"));
  }

  private boolean namedAsDistribution(String uri) {
    String path = uri.replaceFirst("/+$", "");
    String last = path.substring(path.lastIndexOf('/') + 1);
    Set<String> names = release.distributions();
    return names.contains(last) || last.equals("ubuntu-ports");
  }
}
