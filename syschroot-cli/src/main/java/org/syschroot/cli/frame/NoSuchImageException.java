// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.io.IOException;
import java.util.List;

/** A name that no image has. */
public final class NoSuchImageException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient List<String> near;

  /** Creates the failure, with the names of images that resemble the one that was wanted. */
  public NoSuchImageException(String message, List<String> near) {
    super(message);
    this.near = List.copyOf(near);
  }

  /** Returns the names of images that resemble the one that was wanted. */
  public List<String> near() {
    return near;
  }
}
