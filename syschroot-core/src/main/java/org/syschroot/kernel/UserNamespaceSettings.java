// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * The settings by which a host can forbid user namespaces to ordinary users: {@code
 * user.max_user_namespaces} of namespaces(7), {@code kernel.unprivileged_userns_clone} of Debian's
 * kernels, and {@code kernel.apparmor_restrict_unprivileged_userns} of AppArmor. A seccomp filter,
 * as containers have, can forbid them too, and is no setting. Immutable and thread-safe.
 */
public final class UserNamespaceSettings {
  private final Function<String, Optional<String>> files;

  private UserNamespaceSettings(Function<String, Optional<String>> files) {
    this.files = files;
  }

  /**
   * A setting that forbids user namespaces.
   *
   * @param name of the sysctl
   * @param value that it has
   * @param needed a value with which they are allowed
   */
  public record Obstacle(String name, String value, String needed) {}

  /** Returns the settings of this host. */
  public static UserNamespaceSettings running() {
    return read(UserNamespaceSettings::content);
  }

  /**
   * Returns the settings that some files show.
   *
   * @param files returns the text of a file of {@code /proc}, or empty if there is none
   */
  public static UserNamespaceSettings read(Function<String, Optional<String>> files) {
    return new UserNamespaceSettings(files);
  }

  /** Returns the setting that forbids user namespaces to a process without privilege, if any. */
  public Optional<Obstacle> obstacle() {
    if (is("user.max_user_namespaces", "0")) {
      return Optional.of(new Obstacle("user.max_user_namespaces", "0", "15000"));
    }
    if (is("kernel.unprivileged_userns_clone", "0")) {
      return Optional.of(new Obstacle("kernel.unprivileged_userns_clone", "0", "1"));
    }
    String appArmor = "kernel.apparmor_restrict_unprivileged_userns";
    // A profile may allow them to a program; without one the capabilities in them are refused.
    return is(appArmor, "1") && text("/proc/self/attr/current").equals("unconfined")
        ? Optional.of(new Obstacle(appArmor, "1", "0"))
        : Optional.empty();
  }

  private boolean is(String setting, String value) {
    return text("/proc/sys/" + setting.replace('.', '/')).equals(value);
  }

  private String text(String file) {
    return files.apply(file).map(String::strip).orElse("");
  }

  private static Optional<String> content(String file) {
    try {
      return Optional.of(Files.readString(Path.of(file)));
    } catch (IOException notOfThisKernel) {
      return Optional.empty();
    }
  }
}
