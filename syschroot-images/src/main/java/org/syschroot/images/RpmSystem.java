// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.syschroot.images.oci.Platform;

/**
 * Which system of RPM packages dnf is to install. Immutable.
 *
 * @param release the number of the release, which stands for {@code $releasever} in the
 *     repositories; not null
 * @param architecture the processor, empty for the host's; not null
 * @param repositories where packages come from; not empty; copied
 * @param packages what is installed, with all that it needs; empty for {@link #BASE}; copied
 */
public record RpmSystem(
    String release,
    Optional<Platform> architecture,
    List<RepositoryFile> repositories,
    List<String> packages) {
  /**
   * A shell, the usual commands, and what installs more packages: names that Red Hat's systems have
   * had from 2003 to now.
   */
  public static final List<String> BASE = List.of("filesystem", "bash", "coreutils", "yum");

  // None of them may look like an option of dnf, nor lead a URL elsewhere.
  private static final Pattern RELEASE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
  private static final Pattern PACKAGE = Pattern.compile("[@A-Za-z0-9/][A-Za-z0-9@._+:^~*/-]*");
  private static final Map<String, String> OTHER_NAMES =
      Map.of("amd64", "x86_64", "386", "i686", "arm64", "aarch64", "arm", "armv7hl");

  /**
   * Checks the words.
   *
   * @throws IllegalArgumentException if one is not what dnf takes
   */
  public RpmSystem {
    if (!RELEASE.matcher(release).matches()) {
      throw new IllegalArgumentException(
          "\"" + release + "\" is not the number of a release: give one such as 9 or 40");
    }
    repositories = List.copyOf(repositories);
    if (repositories.isEmpty()) {
      throw new IllegalArgumentException("no repository: name a file with --repo FILE");
    }
    packages = packages.isEmpty() ? BASE : List.copyOf(packages);
    for (String name : packages) {
      if (!PACKAGE.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "\"" + name + "\" is not the name of a package: give one such as bash or @core");
      }
    }
  }

  /** Returns the architecture as RPM names it, empty if it is the host's. */
  Optional<String> foreign() {
    return architecture
        .filter(platform -> !platform.equals(Platform.ofHost()))
        .map(
            platform -> OTHER_NAMES.getOrDefault(platform.architecture(), platform.architecture()));
  }
}
