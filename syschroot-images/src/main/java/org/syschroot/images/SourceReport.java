// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.util.List;

/**
 * What was made from a source. Immutable.
 *
 * @param files the number of files
 * @param bytes of content, holes not counted
 * @param losses what could not be kept, a line a kind
 */
public record SourceReport(long files, long bytes, List<String> losses) {
  /** Copies the lines. */
  public SourceReport {
    losses = List.copyOf(losses);
  }
}
