// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality;

/** What an image's uname(1) makes of {@code -p} and {@code -i}, which uname(2) does not tell. */
public enum UnameDialect {
  /** As GNU coreutils, Debian and BusyBox: {@code unknown}, and left out of {@code -a}. */
  GNU,
  /**
   * As Red Hat patched coreutils, Scientific Linux and CentOS included: the machine again, and as
   * platform {@code i386} for every x86 of 32 bits. On AMD's processors of 32 bits it says {@code
   * athlon} for {@code -p}, which is not foretold here.
   */
  RED_HAT;

  static final String UNKNOWN = "unknown";
}
