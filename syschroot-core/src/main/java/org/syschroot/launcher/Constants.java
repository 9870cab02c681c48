// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/** The constants that a table refers to, each only once. Not thread-safe. */
final class Constants {
  private byte[] bytes = new byte[0];

  /** Returns an operand with the address of a text that ends with NUL. */
  Operand string(String text) {
    return string(OsString.of(text));
  }

  /** Returns an operand with the address of a text that ends with NUL. */
  Operand string(OsString text) {
    return block(Arrays.copyOf(text.toBytes(), text.length() + 1));
  }

  /** Returns an operand with the address of a text whose length is told with it. */
  Operand text(OsString text) {
    return block(text.toBytes());
  }

  /** Returns an operand with the address of bytes. */
  Operand block(byte[] wanted) {
    int found = indexOf(wanted);
    if (found < 0) {
      found = bytes.length;
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.writeBytes(bytes);
      all.writeBytes(wanted);
      bytes = all.toByteArray();
    }
    return new Operand(Base.DATA, found);
  }

  /** Returns an operand with the address of a list for {@link Action#PICK}. */
  Operand strings(List<ImagePath> paths) {
    return list(paths.stream().map(ImagePath::value).toList());
  }

  /** Returns an operand with the address of a list of texts, none of which is empty. */
  Operand list(List<OsString> texts) {
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    for (OsString text : texts) {
      list.writeBytes(text.toBytes());
      list.write(0);
    }
    list.write(0);
    return block(list.toByteArray());
  }

  /** Returns an operand with the address of a word. */
  Operand word(long value) {
    return block(
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
  }

  /**
   * A path is found at the end of {@code SHELL=PATH}, and the beginning of a message in another, so
   * this saves more than equal strings.
   */
  private int indexOf(byte[] wanted) {
    for (int start = 0; start + wanted.length <= bytes.length; start++) {
      if (Arrays.equals(bytes, start, start + wanted.length, wanted, 0, wanted.length)) {
        return start;
      }
    }
    return -1;
  }

  /** Returns the bytes of a text that has no others than ASCII's. */
  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  byte[] bytes() {
    return bytes.clone();
  }
}
