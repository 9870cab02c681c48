// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.start;

import java.time.Instant;
import java.util.List;
import org.syschroot.path.OsString;

/**
 * What the start script says of itself and of its call. Immutable.
 *
 * @param key what it knows the start by
 * @param program the files that it and the JVM are read from
 * @param begun a moment before the first of them was read
 */
public record StartCall(byte[] key, List<OsString> program, Instant begun) {
  /** Copies what it is given. */
  public StartCall {
    key = key.clone();
    program = List.copyOf(program);
  }
}
