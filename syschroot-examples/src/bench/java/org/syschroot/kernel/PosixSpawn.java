// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.syschroot.path.OsString;

/** The floor of the benchmarks: posix_spawn(3) of libc, called from Java. Not instantiable. */
public final class PosixSpawn {
  private static final Map<Integer, Integer> STREAMS = Map.of(0, 0, 1, 1, 2, 2);

  private PosixSpawn() {}

  /** Starts a program with the standard streams of this process, and returns its process id. */
  public static int start(OsString program, List<OsString> environment) throws KernelException {
    ChildSettings settings =
        new ChildSettings(STREAMS, 0, 0, Map.of(), List.of(), OptionalInt.empty(), false);
    return ChildSpawn.running().byPosix(program, List.of(program), environment, settings);
  }
}
