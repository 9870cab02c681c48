// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.List;

/** A command that is to be started, in the words that both ways know. Mutable, for one thread. */
interface ChildBuilder {
  ChildBuilder directory(String path);

  ChildBuilder variable(String name, String value);

  ChildBuilder withoutVariable(String name);

  ChildBuilder emptyEnvironment();

  ChildBuilder input(Redirect source);

  ChildBuilder output(Redirect target);

  ChildBuilder error(Redirect target);

  ChildBuilder merged();

  ChildBuilder inheritIO();

  Process start() throws IOException;

  /** Starts it with the given ones after it, each reading what the one before writes. */
  List<Process> startWith(List<ChildBuilder> next) throws IOException;

  /**
   * Starts it, and then another one that reads what it writes; a pipeline where there is no more.
   */
  List<Process> startThen(ChildBuilder reader) throws IOException;
}
