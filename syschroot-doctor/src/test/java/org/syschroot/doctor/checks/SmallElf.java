// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes ELF files of little endian machines that only say what they need. */
final class SmallElf {
  static final int EM_386 = 3;
  static final int EM_ARM = 40;
  static final int EM_X86_64 = 62;
  static final int EM_AARCH64 = 183;
  private static final int AREA = 4096;
  private static final int PT_INTERP = 3;
  private static final int PT_NOTE = 4;

  private final int machine;
  private boolean wide;
  private String interpreter = "";
  private int[] kernel = new int[0];
  private int isa;
  private byte[] text = new byte[0];

  private SmallElf(int machine) {
    this.machine = machine;
    this.wide = machine != EM_386;
  }

  static SmallElf of(int machine) {
    return new SmallElf(machine);
  }

  /** Makes it one of 32 bits, such as of x32. */
  SmallElf narrow() {
    wide = false;
    return this;
  }

  SmallElf interpreter(String path) {
    interpreter = path;
    return this;
  }

  SmallElf kernel(int major, int minor, int patch) {
    kernel = new int[] {major, minor, patch};
    return this;
  }

  /** Sets the bits of GNU_PROPERTY_X86_ISA_1_NEEDED: 1 baseline, 2 v2, 4 v3, 8 v4. */
  SmallElf isa(int bits) {
    isa = bits;
    return this;
  }

  SmallElf text(String more) {
    return text(more.getBytes(StandardCharsets.ISO_8859_1));
  }

  SmallElf text(byte[] more) {
    text = more;
    return this;
  }

  byte[] bytes() {
    ByteBuffer file = ByteBuffer.allocate(AREA + text.length).order(ByteOrder.LITTLE_ENDIAN);
    int headers = wide ? 64 : 52;
    int entry = wide ? 56 : 32;
    int count = (interpreter.isEmpty() ? 0 : 1) + (kernel.length == 0 ? 0 : 1) + (isa == 0 ? 0 : 1);
    file.put(new byte[] {0x7f, 'E', 'L', 'F', (byte) (wide ? 2 : 1), 1, 1, 0}).putLong(0);
    file.putShort((short) (interpreter.isEmpty() ? 2 : 3)).putShort((short) machine).putInt(1);
    word(file, 0);
    word(file, headers);
    word(file, 0);
    file.putInt(0).putShort((short) headers).putShort((short) entry).putShort((short) count);
    file.putShort((short) (wide ? 64 : 40)).putShort((short) 0).putShort((short) 0);
    int data = 512;
    if (!interpreter.isEmpty()) {
      byte[] path =
          Arrays.copyOf(interpreter.getBytes(StandardCharsets.UTF_8), interpreter.length() + 1);
      data = segment(file, PT_INTERP, data, path);
    }
    if (kernel.length > 0) {
      ByteBuffer note = note(1, 16);
      note.putInt(0).putInt(kernel[0]).putInt(kernel[1]).putInt(kernel[2]);
      data = segment(file, PT_NOTE, data, note.array());
    }
    if (isa != 0) {
      int size = wide ? 16 : 12;
      ByteBuffer note = note(5, size);
      note.putInt(0xc0008002).putInt(4).putInt(isa);
      segment(file, PT_NOTE, data, note.array());
    }
    file.put(AREA, text);
    return file.array();
  }

  private ByteBuffer note(int type, int size) {
    ByteBuffer note = ByteBuffer.allocate(16 + size).order(ByteOrder.LITTLE_ENDIAN);
    return note.putInt(4).putInt(size).putInt(type).put(new byte[] {'G', 'N', 'U', 0});
  }

  private void word(ByteBuffer file, long value) {
    if (wide) {
      file.putLong(value);
    } else {
      file.putInt((int) value);
    }
  }

  private int segment(ByteBuffer file, int type, int offset, byte[] content) {
    file.putInt(type);
    if (wide) {
      file.putInt(4);
    }
    word(file, offset);
    word(file, offset);
    word(file, offset);
    word(file, content.length);
    word(file, content.length);
    if (!wide) {
      file.putInt(4);
    }
    word(file, wide && type == PT_NOTE ? 8 : 4);
    file.put(offset, content);
    return (offset + content.length + 15) & -16;
  }
}
