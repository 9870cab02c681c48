// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The directories that images are configured in: the system's, and for an ordinary user another one
 * of their own. Immutable.
 *
 * @param system the system's
 * @param own the user's own, or empty for root, who never reads one
 */
public record ConfigDirectories(Path system, Optional<Path> own) {
  /** The system's directory. */
  public static final Path SYSTEM = Path.of("/etc/syschroot");

  private static final int ROOT = 0;
  private static final String NAME = "syschroot";

  /** Returns a directory and no other. */
  public static ConfigDirectories only(Path directory) {
    return new ConfigDirectories(directory, Optional.empty());
  }

  /**
   * Returns the directories of a user: {@code /etc/syschroot}, and for ordinary users {@code
   * syschroot} in {@code $XDG_CONFIG_HOME}, which is {@code ~/.config} if it is unset or relative:
   * XDG Base Directory Specification.
   *
   * @param effectiveUid the user
   * @param environment the user's environment; without {@code HOME} there is no {@code ~}
   */
  public static ConfigDirectories ofUser(int effectiveUid, Map<String, String> environment) {
    if (effectiveUid == ROOT) {
      return only(SYSTEM);
    }
    Optional<Path> home = absolute(environment, "HOME").map(path -> path.resolve(".config"));
    Optional<Path> own = absolute(environment, "XDG_CONFIG_HOME").or(() -> home);
    return new ConfigDirectories(SYSTEM, own.map(path -> path.resolve(NAME)));
  }

  private static Optional<Path> absolute(Map<String, String> environment, String name) {
    String value = environment.getOrDefault(name, "");
    // A path that Java cannot decode would be another one.
    boolean usable = value.startsWith("/") && value.indexOf('\ufffd') < 0;
    return usable ? Optional.of(Path.of(value)) : Optional.empty();
  }

  /** Returns the directory in which this user configures new images. */
  public Path forNew() {
    return own.orElse(system);
  }
}
