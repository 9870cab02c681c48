// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.util.Set;

/**
 * A declared difference between ways into an image.
 *
 * @param situations what it concerns, as {@code GROUP: NAME}
 * @param ways the columns
 * @param kernel whether the kernel, and not this project, makes the difference
 * @param mark what stands in the table
 * @param reason why, for the notes below the table
 * @param outcome what the outcome is to match instead, a regular expression
 */
record ConformanceDifference(
    Set<String> situations,
    Set<ConformanceWay> ways,
    boolean kernel,
    String mark,
    String reason,
    String outcome) {
  boolean concerns(Situation situation, ConformanceWay way) {
    return situations.contains(situation.toString()) && ways.contains(way);
  }
}
