// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.schroot;

import java.io.IOException;

/** A file that schroot would refuse: {@code FILE:LINE: what is wrong}. */
public final class KeyFileException extends IOException {
  private static final long serialVersionUID = 1;

  KeyFileException(ImportNote finding) {
    super(finding.toString());
  }
}
