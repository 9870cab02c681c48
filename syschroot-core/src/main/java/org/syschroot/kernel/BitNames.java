// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/** The names of the bits in a word of flags, for messages. Filled once, then only read. */
final class BitNames {
  private final Map<Long, String> names = new LinkedHashMap<>();

  BitNames bit(long bit, String name) {
    names.put(bit, name);
    return this;
  }

  String describe(long flags) {
    StringJoiner text = new StringJoiner("|");
    text.setEmptyValue("0");
    long unnamed = flags;
    for (Map.Entry<Long, String> entry : names.entrySet()) {
      if ((flags & entry.getKey()) != 0) {
        text.add(entry.getValue());
        unnamed &= ~entry.getKey();
      }
    }
    if (unnamed != 0) {
      text.add("0x" + Long.toHexString(unnamed));
    }
    return text.toString();
  }
}
