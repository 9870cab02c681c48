// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.rules;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A failure of site code, or of a jar that should have some. The message names both. */
public final class SiteCodeException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient Path jar;
  private final @Nullable String className;

  /** Creates the failure of a jar. */
  SiteCodeException(Path jar, String message, @Nullable Throwable cause) {
    super("extension " + jar + ": " + message, cause);
    this.jar = jar;
    this.className = null;
  }

  /** Creates the failure of a class. */
  SiteCodeException(Path jar, String className, String message, @Nullable Throwable cause) {
    super("extension " + className + ": " + message + " (in " + jar + ")", cause);
    this.jar = jar;
    this.className = className;
  }

  /** Returns the jar. */
  public Path jar() {
    return jar;
  }

  /** Returns the name of the class, or empty if the jar itself is wrong. */
  public Optional<String> className() {
    return Optional.ofNullable(className);
  }
}
