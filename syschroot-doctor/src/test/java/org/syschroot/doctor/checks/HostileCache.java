// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Files as ld.so.cache whose entries all refer to the same string. */
final class HostileCache {
  private static final int HEADER = 48;
  private static final int ENTRY = 24;

  private HostileCache() {}

  static byte[] of(int entries, int stringLength) {
    int strings = HEADER + entries * ENTRY;
    ByteBuffer file =
        ByteBuffer.allocate(strings + stringLength + 1).order(ByteOrder.nativeOrder());
    file.put("glibc-ld.so.cache1.1".getBytes(StandardCharsets.US_ASCII)).putInt(entries);
    for (int i = 0; i < entries; i++) {
      file.position(HEADER + i * ENTRY + 4);
      file.putInt(strings).putInt(strings);
    }
    file.position(strings);
    file.put("x".repeat(stringLength).getBytes(StandardCharsets.US_ASCII));
    return file.array();
  }
}
