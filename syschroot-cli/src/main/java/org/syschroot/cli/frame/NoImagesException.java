// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/** A configuration without images, on a machine that was asked about its images. */
public final class NoImagesException extends IOException {
  private static final long serialVersionUID = 1;

  public NoImagesException(Path directory) {
    super("there are no images in " + directory);
  }

  /** Returns what is wrong. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
