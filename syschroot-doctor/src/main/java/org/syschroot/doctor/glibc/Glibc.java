// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.glibc;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.syschroot.doctor.files.SystemFile;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.files.TextLines;

/**
 * The C library of an image, by what it says of itself when it is executed: {@code GNU C Library
 * (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.} Immutable.
 *
 * @param file the library
 * @param version its release
 * @param debianVersion the version of Debian's package, if it is Debian's own
 */
public record Glibc(SystemFile file, GlibcVersion version, Optional<String> debianVersion) {
  private static final int LIMIT = 16 << 20;
  private static final String START = "GNU C Library ";
  private static final int LONGEST_BANNER = 256;
  private static final Pattern BANNER =
      Pattern.compile(
          "GNU C Library (?:\\((?<vendor>[^)]*)\\) )?(?:stable|development) release version"
              + " (?<version>\\d{1,4}\\.\\d{1,4}).*",
          Pattern.DOTALL);
  private static final Pattern DEBIAN = Pattern.compile("Debian E?GLIBC (\\S+)");
  private static final Pattern PACKAGE = Pattern.compile("Package: libc6(?:\\.1)?");

  /** Reads it from a file, or returns empty if that does not say what it is, as musl does not. */
  public static Optional<Glibc> read(SystemFiles system, SystemFile file) {
    Optional<byte[]> bytes = system.read(file, LIMIT);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    String text = new String(bytes.get(), StandardCharsets.ISO_8859_1);
    int start = text.indexOf(START);
    while (start >= 0) {
      int end = Math.min(text.length(), start + LONGEST_BANNER);
      Matcher banner = BANNER.matcher(text.substring(start, end));
      if (banner.matches()) {
        return GlibcVersion.parse(banner.group("version"))
            .map(version -> new Glibc(file, version, debian(banner.group("vendor"), system)));
      }
      start = text.indexOf(START, start + 1);
    }
    return Optional.empty();
  }

  /** Before 2008 or so Debian's library did not say so, and only its package does. */
  private static Optional<String> debian(@Nullable String vendor, SystemFiles system) {
    if (vendor != null) {
      Matcher debian = DEBIAN.matcher(vendor);
      return debian.matches() ? Optional.of(debian.group(1)) : Optional.empty();
    }
    if (system.find("/etc/debian_version").isEmpty()) {
      return Optional.empty();
    }
    return installedVersion(system.text("/var/lib/dpkg/status").orElse(""));
  }

  /**
   * Reads dpkg's list of packages: paragraphs that begin with Package, with a line for each fact.
   */
  private static Optional<String> installedVersion(String packages) {
    boolean isLibc = false;
    boolean isInstalled = false;
    for (String line : new TextLines(packages)) {
      if (line.isEmpty() || line.startsWith("Package: ")) {
        isLibc = PACKAGE.matcher(line).matches();
        isInstalled = false;
      } else if (isLibc && line.startsWith("Status: ")) {
        isInstalled = line.endsWith(" installed");
      } else if (isInstalled && line.startsWith("Version: ")) {
        return Optional.of(line.substring("Version: ".length()).strip());
      }
    }
    return Optional.empty();
  }

  /** Returns the version that says most. */
  public String shownVersion() {
    return debianVersion.orElse(version.toString());
  }

  /**
   * Returns whether its loader and libraries refuse to work on a kernel older than they were built
   * for; from 2.36 on they no longer look (NEWS of glibc 2.36).
   */
  public boolean checksKernel() {
    return version.isBefore(2, 36);
  }
}
