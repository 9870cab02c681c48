// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The cases of a group. Mutable. */
final class CaseList {
  private final String group;
  private final List<ConformanceCase> cases = new ArrayList<>();

  CaseList(String group) {
    this.group = group;
  }

  /** Adds a case with exactly this outcome. */
  CaseList add(String name, Object outcome, ConformanceCase.Body body) {
    return addMatching(name, Pattern.quote(String.valueOf(outcome)), body);
  }

  /** Adds a case whose outcome is one of several. */
  CaseList addMatching(String name, String outcome, ConformanceCase.Body body) {
    cases.add(new ConformanceCase(group, name, outcome, body));
    return this;
  }

  List<ConformanceCase> list() {
    return List.copyOf(cases);
  }
}
