// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the notes of owner "GNU" say (elf(5) "Notes", gABI "Note Section"). Of a note that comes
 * twice the first counts. Immutable and thread-safe.
 *
 * @param buildId NT_GNU_BUILD_ID in lower-case hexadecimal digits
 */
record ElfNotes(
    Optional<AbiTag> abiTag, Optional<X86IsaLevel> isaNeeded, Optional<String> buildId) {
  static final ElfNotes ABSENT = new ElfNotes(Optional.empty(), Optional.empty(), Optional.empty());

  static ElfNotes read(ElfInput input, ElfHeader header, List<ProgramHeader> headers)
      throws IOException {
    Reader reader = new Reader(input, header);
    if (headers.isEmpty()) {
      for (SectionHeader section : SectionHeader.readNotes(input, header)) {
        reader.readArea(section.offset(), section.size(), section.alignment());
      }
    }
    for (ProgramHeader segment : headers) {
      if (segment.type() == ProgramHeader.PT_NOTE) {
        reader.readArea(segment.offset(), segment.fileSize(), segment.alignment());
      }
    }
    return new ElfNotes(
        Optional.ofNullable(reader.abiTag),
        Optional.ofNullable(reader.isaNeeded),
        Optional.ofNullable(reader.buildId));
  }

  private static final class Reader {
    private static final int NT_GNU_ABI_TAG = 1;
    private static final int NT_GNU_BUILD_ID = 3;
    private static final int NT_GNU_PROPERTY_TYPE_0 = 5;
    private static final int OWNER_GNU = 0x474e5500; // "GNU\0", read in big-endian order
    private static final int NOTE_HEADER = 12;
    private static final int MAX_AREA = 4 << 20;
    private static final int MAX_BUILD_ID = 256;

    private final ElfInput input;
    private final ElfHeader header;
    private @Nullable AbiTag abiTag;
    private @Nullable X86IsaLevel isaNeeded;
    private @Nullable String buildId;

    Reader(ElfInput input, ElfHeader header) {
      this.input = input;
      this.header = header;
    }

    void readArea(long offset, long size, long alignment) throws IOException {
      if (size == 0 || Long.compareUnsigned(alignment, 8) > 0) {
        // No rule says where notes are at larger alignments; the kernel and glibc skip them too.
        return;
      }
      // The gABI says 8 on 64-bit, but only property notes do so; all else was written with 4.
      int align = alignment == 8 ? 8 : 4;
      if (Long.compareUnsigned(size, MAX_AREA) > 0) {
        throw input.malformed(
            offset, "notes of " + Long.toUnsignedString(size) + " bytes are over " + MAX_AREA);
      }
      ByteBuffer area = input.read(offset, size, "notes");
      long at = 0;
      while (at + NOTE_HEADER <= area.limit()) {
        int note = (int) at;
        long nameSize = Integer.toUnsignedLong(area.getInt(note));
        long descSize = Integer.toUnsignedLong(area.getInt(note + 4));
        long desc = alignUp(at + NOTE_HEADER + nameSize, align);
        long end = desc + descSize;
        if (end > area.limit()) {
          throw input.malformed(offset + at, "note runs past the end of its segment");
        }
        if (nameSize == 4 && bigEndian(area, note + NOTE_HEADER) == OWNER_GNU) {
          ByteBuffer content = area.slice((int) desc, (int) descSize).order(area.order());
          readGnu(area.getInt(note + 8), content, offset + desc);
        }
        at = alignUp(end, align);
      }
    }

    private void readGnu(int type, ByteBuffer desc, long offset) throws IOException {
      if (type == NT_GNU_ABI_TAG && abiTag == null) {
        abiTag = readAbiTag(desc, offset);
      } else if (type == NT_GNU_BUILD_ID && buildId == null) {
        buildId = readBuildId(desc, offset);
      } else if (type == NT_GNU_PROPERTY_TYPE_0 && isaNeeded == null) {
        isaNeeded = GnuProperties.x86IsaNeeded(input, header, desc, offset).orElse(null);
      }
    }

    private AbiTag readAbiTag(ByteBuffer desc, long offset) throws IOException {
      if (desc.limit() < 16) {
        throw input.malformed(offset, "NT_GNU_ABI_TAG has " + desc.limit() + " bytes, not 16");
      }
      int major = desc.getInt(4);
      int minor = desc.getInt(8);
      int patch = desc.getInt(12);
      if (major < 0 || minor < 0 || patch < 0) {
        throw input.malformed(offset, "NT_GNU_ABI_TAG has a version number over 2147483647");
      }
      return new AbiTag(AbiTag.Os.of(desc.getInt(0)), new KernelVersion(major, minor, patch));
    }

    private String readBuildId(ByteBuffer desc, long offset) throws IOException {
      if (desc.limit() > MAX_BUILD_ID) {
        throw input.malformed(offset, "NT_GNU_BUILD_ID is over " + MAX_BUILD_ID + " bytes");
      }
      byte[] bytes = new byte[desc.limit()];
      desc.get(bytes);
      return HexFormat.of().formatHex(bytes);
    }

    private static int bigEndian(ByteBuffer buffer, int index) {
      return buffer.duplicate().getInt(index);
    }

    private static long alignUp(long value, int alignment) {
      return (value + alignment - 1) & -alignment;
    }
  }
}
