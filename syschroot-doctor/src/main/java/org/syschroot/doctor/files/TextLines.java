// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.files;

import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The lines of a text, one at a time: a text of nothing but line ends has as many lines as bytes,
 * and as strings they would need fifty times its room. Immutable.
 *
 * @param text the text
 */
public record TextLines(String text) implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    return new Iterator<>() {
      private int start;

      @Override
      public boolean hasNext() {
        return start < text.length();
      }

      @Override
      public String next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        int end = text.indexOf('\n', start);
        String line = text.substring(start, end < 0 ? text.length() : end);
        start = end < 0 ? text.length() : end + 1;
        return line;
      }
    };
  }
}
