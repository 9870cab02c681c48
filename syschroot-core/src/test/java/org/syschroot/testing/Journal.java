// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.syschroot.kernel.Errno;

/** All calls in the order in which they were made, as lines for people to read. */
final class Journal {
  private final List<String> lines = new ArrayList<>();

  void call(String name, String arguments) {
    lines.add(name + "(" + arguments + ")");
  }

  void lastFailed(Errno errno) {
    int last = lines.size() - 1;
    lines.set(last, lines.get(last) + " = -1 " + errno.name());
  }

  List<String> lines() {
    return Collections.unmodifiableList(new ArrayList<>(lines));
  }
}
