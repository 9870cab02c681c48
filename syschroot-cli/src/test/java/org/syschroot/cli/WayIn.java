// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A way into the image: who calls what, to have a command run there. */
interface WayIn {
  /** SIGCHLD, as a set of signals. */
  long CHILD_SIGNAL = 1L << 16;

  /** Returns the environment that the caller has unless a case wants another. */
  List<String> environment();

  /** Returns what the caller calls; scripts that this needs are made in {@code directory}. */
  List<String> words(List<String> command, Path directory) throws IOException, InterruptedException;

  /** Returns what does the same on the native system. */
  List<String> nativeWords(List<String> command, Path directory) throws IOException;

  /** Returns what the caller calls to see the environment that the first program inside gets. */
  List<String> environmentWords(Path directory) throws IOException, InterruptedException;

  /** Returns the caller in the state of the driver, about to become what it calls. */
  Program starting(Driver driver, List<String> words, Path directory) throws IOException;

  /** Changes the facts about a native process to what they are to be inside. */
  void toInside(Map<String, String> facts);

  /** Returns whether the command is in a user namespace of its own. */
  default boolean hasUserNamespace() {
    return false;
  }

  /** Returns whether a caller with no_new_privs comes in. */
  boolean needsNoNewPrivilege();

  /** Returns the signals that are not ignored inside even if the caller ignores them. */
  long signalsNotKept();
}
