// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.describe;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.syschroot.plan.KernelStep;

/**
 * A step of a plan in words. Immutable.
 *
 * @param name what kind of step, a stable name such as {@code enter-mount-namespace}
 * @param text one line for people, without control characters
 * @param systemCalls the calls that it makes if nothing stands in its way, in order, named as in
 *     section 2 of the manual; what is repeated for each of several things is named once
 * @param details its parameters in order; values are strings, longs, booleans, and lists and maps
 *     of them
 */
public record StepDescription(
    String name, String text, List<String> systemCalls, Map<String, Object> details) {
  /** Copies the collections. */
  public StepDescription {
    systemCalls = List.copyOf(systemCalls);
    details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
  }

  /** Returns the description of a step. */
  public static StepDescription of(KernelStep step) {
    return step.accept(new StepDescriber());
  }

  /** Returns all of it as a map, for JSON. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", name);
    map.put("text", text);
    map.put("systemCalls", systemCalls);
    map.put("details", details);
    return Collections.unmodifiableMap(map);
  }
}
