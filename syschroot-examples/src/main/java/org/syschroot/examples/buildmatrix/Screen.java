// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.buildmatrix;

import java.io.PrintStream;

/**
 * Where the lines of all images go, and beneath them, on a terminal, one that shows how far the run
 * is. Lines of several threads are never mixed. Thread-safe.
 */
final class Screen {
  private static final String ERASE_LINE = "\r\033[K";

  private final PrintStream out;
  private final boolean terminal;
  private String progress = "";

  Screen(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  synchronized void line(String text) {
    erase();
    out.println(text);
    draw();
  }

  /** Shows how far the run is, until it is shown anew; an empty text for nothing. */
  synchronized void progress(String text) {
    erase();
    progress = text;
    draw();
  }

  private void erase() {
    if (terminal && !progress.isEmpty()) {
      out.print(ERASE_LINE);
    }
  }

  private void draw() {
    if (terminal) {
      out.print(progress);
    }
    out.flush();
  }
}
