// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.util.Arrays;

/** What an image's file is to be: a file of this content, or a symbolic link. Immutable. */
sealed interface SharedContent {
  /** A regular file. */
  record File(byte[] bytes) implements SharedContent {
    @Override
    public boolean equals(Object other) {
      return other instanceof File file && Arrays.equals(bytes, file.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  /** A symbolic link. */
  record Link(String text) implements SharedContent {}
}
