// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cdi;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one file says. Immutable.
 *
 * @param kind the vendor and class of its devices, such as {@code nvidia.com/gpu}
 * @param edits what every device needs
 * @param devices what single devices need, by their names
 */
record CdiSpecification(String kind, CdiEdits edits, Map<String, CdiEdits> devices) {
  CdiSpecification {
    devices = Collections.unmodifiableMap(new LinkedHashMap<>(devices));
  }
}
