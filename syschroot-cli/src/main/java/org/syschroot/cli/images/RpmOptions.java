// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Options;
import org.syschroot.images.RepositoryFile;
import org.syschroot.images.RpmSystem;
import org.syschroot.images.oci.Platform;
import picocli.CommandLine.Model.OptionSpec;

/** The options of {@code create} for systems of RPM packages. */
final class RpmOptions {
  private final OptionSpec dnf =
      Options.flag("Install a system of RPM packages from repositories, by dnf.", "--dnf");
  private final OptionSpec release =
      Options.value("--releasever", "N", "With --dnf: the number of the release, such as 9.");
  private final OptionSpec repositories =
      Options.several(
          "--repo", "FILE", "With --dnf: files with repositories, as in /etc/yum.repos.d.");
  private final OptionSpec packages =
      Options.several(
          "--package",
          "PACKAGE",
          "With --dnf: what is installed (default: "
              + String.join(", ", RpmSystem.BASE)
              + "), with all that it needs.");

  List<OptionSpec> all() {
    return List.of(dnf, release, repositories, packages);
  }

  boolean isChosen() {
    return Options.isSet(dnf);
  }

  /** Returns what is wrong with the options, if anything. */
  Optional<String> complaint() {
    boolean hasRelease = Options.text(release) != null;
    boolean hasRepositories = !Options.texts(repositories).isEmpty();
    if (!isChosen()) {
      return hasRelease || hasRepositories || !Options.texts(packages).isEmpty()
          ? Optional.of("--releasever, --repo and --package go with --dnf")
          : Optional.empty();
    }
    return hasRelease && hasRepositories
        ? Optional.empty()
        : Optional.of("--dnf needs --releasever N and --repo FILE");
  }

  /**
   * Returns what is to be installed.
   *
   * @throws IOException if a repository file cannot be used
   */
  RpmSystem system(Optional<String> architecture) throws IOException {
    List<RepositoryFile> files = new ArrayList<>();
    for (String file : Options.texts(repositories)) {
      files.add(RepositoryFile.read(Path.of(ByteStrings.readable(file))));
    }
    Optional<Platform> platform =
        architecture.isPresent()
            ? Optional.of(Platform.parse(architecture.get()))
            : Optional.empty();
    return new RpmSystem(
        ByteStrings.readable(Options.required(release)),
        platform,
        files,
        Options.texts(packages).stream().map(ByteStrings::readable).toList());
  }
}
