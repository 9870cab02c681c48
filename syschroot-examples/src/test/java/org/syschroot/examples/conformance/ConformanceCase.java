// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

/**
 * Something that is the same by both ways.
 *
 * @param group what it is about
 * @param name what is done
 * @param expected a regular expression of the outcome
 * @param body does it
 */
record ConformanceCase(String group, String name, String expected, Body body) {
  /** What is done; its outcome is the text of what it returns, or the kind of what it throws. */
  @FunctionalInterface
  interface Body {
    Object run(Way way) throws Exception;
  }

  String outcome(Way way) {
    return Way.outcome(() -> body.run(way));
  }

  @Override
  public String toString() {
    return group + ": " + name;
  }
}
