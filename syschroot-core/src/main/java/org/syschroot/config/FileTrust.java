// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import java.io.IOException;
import java.nio.file.Path;
import org.syschroot.trust.UntrustedException;

/** Decides whether a configuration file may be relied on. */
@FunctionalInterface
public interface FileTrust {
  /** Trusts every file. For files whose origin does not matter, as in tests. */
  FileTrust ANY = file -> {};

  /**
   * Checks a file and the directories on the way to it.
   *
   * @throws UntrustedException if somebody else could have changed it
   * @throws IOException if it cannot be looked at
   */
  void check(Path file) throws IOException;
}
