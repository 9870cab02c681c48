// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes small ELF files byte by byte, so that tests know every offset. */
final class ElfBuilder {
  static final int BASE = 0x10000;
  private static final int CAPACITY = 1 << 17;

  private final boolean wide;
  private final ByteBuffer file;
  private int type = 3;
  private int machine = 62;
  private boolean sections;
  private boolean stringTable = true;
  private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
  private final List<long[]> dynamic = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();

  private record Part(int type, byte[] content, long alignment) {}

  private record Placed(int type, long offset, long address, long size, long alignment) {}

  ElfBuilder(ElfClass elfClass, ByteOrder order) {
    wide = elfClass == ElfClass.ELFCLASS64;
    file = ByteBuffer.allocate(CAPACITY).order(order);
    strings.write(0);
  }

  static ElfBuilder x86() {
    return new ElfBuilder(ElfClass.ELFCLASS64, ByteOrder.LITTLE_ENDIAN);
  }

  ElfBuilder type(int number) {
    type = number;
    return this;
  }

  ElfBuilder machine(int number) {
    machine = number;
    return this;
  }

  /** Describes the parts by section headers in place of program headers. */
  ElfBuilder sections() {
    sections = true;
    return this;
  }

  ElfBuilder withoutStringTable() {
    stringTable = false;
    return this;
  }

  ElfBuilder interpreter(String path) {
    return segment(3, (path + "\0").getBytes(StandardCharsets.UTF_8), 1);
  }

  ElfBuilder segment(int segmentType, byte[] content, long alignment) {
    parts.add(new Part(segmentType, content, alignment));
    return this;
  }

  ElfBuilder needed(String... names) {
    for (String name : names) {
      string(1, name);
    }
    return this;
  }

  ElfBuilder soname(String name) {
    return string(14, name);
  }

  ElfBuilder rpath(String list) {
    return string(15, list);
  }

  ElfBuilder runpath(String list) {
    return string(29, list);
  }

  ElfBuilder tag(long tag, long value) {
    dynamic.add(new long[] {tag, value});
    return this;
  }

  private ElfBuilder string(long tag, String text) {
    tag(tag, strings.size());
    strings.writeBytes((text + "\0").getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** Encodes a note of owner GNU. */
  byte[] note(int noteType, int alignment, byte[] desc) {
    int end = (16 + desc.length + alignment - 1) & -alignment;
    ByteBuffer note = ByteBuffer.allocate(end).order(file.order());
    note.putInt(4).putInt(desc.length).putInt(noteType);
    note.put("GNU\0".getBytes(StandardCharsets.US_ASCII)).put(desc);
    return note.array();
  }

  byte[] ints(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(file.order());
    Arrays.stream(values).forEach(buffer::putInt);
    return buffer.array();
  }

  byte[] build() {
    int headers = parts.size() + (sections ? 1 : 1 + (dynamic.isEmpty() ? 0 : 1));
    int table = wide ? 64 : 52;
    int entry = sections ? (wide ? 64 : 40) : (wide ? 56 : 32);
    header(table, entry, headers);
    file.position(table + headers * entry);
    List<Placed> placed = new ArrayList<>();
    if (sections) {
      placed.add(new Placed(0, 0, 0, 0, 0));
    }
    for (Part part : parts) {
      placed.add(place(part.type(), part.content(), part.alignment()));
    }
    if (!dynamic.isEmpty()) {
      placed.add(placeDynamic());
    }
    int end = file.position();
    if (!sections) {
      placed.add(new Placed(1, 0, BASE, end, 0x1000));
    }
    file.position(table);
    placed.forEach(sections ? this::sectionHeader : this::programHeader);
    return Arrays.copyOf(file.array(), end);
  }

  private void header(int table, int entry, int count) {
    file.put(new byte[] {0x7f, 'E', 'L', 'F', (byte) (wide ? 2 : 1)});
    file.put((byte) (file.order() == ByteOrder.LITTLE_ENDIAN ? 1 : 2)).put((byte) 1);
    file.position(16);
    file.putShort((short) type).putShort((short) machine).putInt(1);
    word(0).word(sections ? 0 : table).word(sections ? table : 0);
    file.putInt(0).putShort((short) table);
    file.putShort((short) (sections ? 0 : entry)).putShort((short) (sections ? 0 : count));
    file.putShort((short) (sections ? entry : 0)).putShort((short) (sections ? count : 0));
    file.putShort((short) 0);
  }

  private Placed placeDynamic() {
    int start = (file.position() + 7) & -8;
    if (stringTable) {
      int size = 2 * (wide ? 8 : 4) * (dynamic.size() + 3);
      tag(5, BASE + start + size);
      tag(10, strings.size());
    }
    tag(0, 0);
    file.position(start);
    dynamic.forEach(pair -> word(pair[0]).word(pair[1]));
    int end = file.position();
    file.put(strings.toByteArray());
    return new Placed(2, start, BASE + start, end - start, 8);
  }

  private Placed place(int partType, byte[] content, long alignment) {
    int start = (file.position() + 7) & -8;
    file.position(start);
    file.put(content);
    return new Placed(partType, start, BASE + start, content.length, alignment);
  }

  private void programHeader(Placed part) {
    file.putInt(part.type());
    if (wide) {
      file.putInt(4);
    }
    word(part.offset()).word(part.address()).word(part.address()).word(part.size());
    word(part.size());
    if (!wide) {
      file.putInt(4);
    }
    word(part.alignment());
  }

  private void sectionHeader(Placed part) {
    file.putInt(0).putInt(part.type() == 4 ? 7 : part.type());
    word(0).word(0).word(part.offset()).word(part.size());
    file.putInt(0).putInt(0);
    word(part.alignment()).word(0);
  }

  private ElfBuilder word(long value) {
    if (wide) {
      file.putLong(value);
    } else {
      file.putInt((int) value);
    }
    return this;
  }
}
