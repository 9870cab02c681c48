// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.util.ArrayList;
import java.util.List;

/**
 * The first word of a command line where it names no command. Immutable.
 *
 * @param word the word, for people to read
 * @param near the commands that resemble it
 */
public record UnknownWord(String word, List<String> near) {
  public UnknownWord {
    near = List.copyOf(near);
  }

  /** Returns what to do about it, given the images that resemble it. */
  public String hint(List<String> images) {
    List<String> all = new ArrayList<>(near);
    all.addAll(images);
    return (all.isEmpty() ? "" : "did you mean " + String.join(" or ", all) + "? ")
        + "All commands: syschroot --help; all images: syschroot list";
  }
}
