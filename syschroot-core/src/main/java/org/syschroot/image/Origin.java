// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

/**
 * Where a setting was read. Immutable.
 *
 * @param file the configuration file
 * @param line its line, from 1
 * @param column its column, from 1
 */
public record Origin(String file, int line, int column) {
  @Override
  public String toString() {
    return file + ":" + line + ":" + column;
  }
}
