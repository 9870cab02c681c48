// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.host;

import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * The directory beside an image's root directory that holds the image's other versions. An image
 * that has it can have its root directory exchanged at any time. Not instantiable.
 */
public final class VersionsDirectory {
  private static final OsString SUFFIX = OsString.of(".versions");

  private VersionsDirectory() {}

  /** Returns its place, beside {@code root}, which is not {@code /}. */
  public static HostPath of(HostPath root) {
    return HostPath.of(root.value().plus(SUFFIX));
  }
}
