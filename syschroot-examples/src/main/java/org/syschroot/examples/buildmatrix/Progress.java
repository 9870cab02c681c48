// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.buildmatrix;

/** Counts what has been begun and done, and shows it. Thread-safe. */
final class Progress {
  private final Screen screen;
  private final int total;
  private int running;
  private int done;
  private int failed;

  Progress(Screen screen, int total) {
    this.screen = screen;
    this.total = total;
  }

  synchronized void begun() {
    running++;
    show();
  }

  synchronized void ended(boolean successfully) {
    running--;
    done++;
    failed += successfully ? 0 : 1;
    show();
  }

  void clear() {
    screen.progress("");
  }

  private void show() {
    screen.progress(done + "/" + total + " done, " + failed + " failed, " + running + " running");
  }
}
