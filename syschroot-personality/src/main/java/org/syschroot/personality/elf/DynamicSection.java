// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the dynamic section says about libraries (elf(5) "Dynamic tags", gABI "Dynamic Section").
 * Immutable and thread-safe.
 *
 * @param noDefaultLibraries whether DF_1_NODEFLIB is set
 */
record DynamicSection(
    List<String> needed,
    Optional<String> soname,
    List<String> rpath,
    List<String> runpath,
    boolean noDefaultLibraries) {
  static final DynamicSection ABSENT =
      new DynamicSection(List.of(), Optional.empty(), List.of(), List.of(), false);

  private static final int DT_NULL = 0;
  private static final int DT_NEEDED = 1;
  private static final int DT_STRTAB = 5;
  private static final int DT_STRSZ = 10;
  private static final int DT_SONAME = 14;
  private static final int DT_RPATH = 15;
  private static final int DT_RUNPATH = 29;
  private static final int DT_FLAGS_1 = 0x6ffffffb;
  private static final int DF_1_NODEFLIB = 0x800;

  private static final int MAX_SECTION = 1 << 20;
  // Entries can share one string, so what is kept is limited apart from what is read.
  private static final int MAX_STRINGS = 1 << 18;
  private static final int PATH_MAX = 4096;
  private static final int MAX_LIST = 1 << 16;

  DynamicSection {
    needed = List.copyOf(needed);
    rpath = List.copyOf(rpath);
    runpath = List.copyOf(runpath);
  }

  static DynamicSection read(ElfInput input, ElfClass elfClass, List<ProgramHeader> headers)
      throws IOException {
    Optional<ProgramHeader> segment = ProgramHeader.first(headers, ProgramHeader.PT_DYNAMIC);
    if (segment.isEmpty()) {
      return ABSENT;
    }
    return new Reader(input, elfClass, headers).read(segment.get());
  }

  /** Collects tags first, because DT_STRTAB can follow the tags whose strings it holds. */
  private static final class Reader {
    private final ElfInput input;
    private final ElfClass elfClass;
    private final List<ProgramHeader> headers;
    private final List<Long> needed = new ArrayList<>();
    private @Nullable Long soname;
    private @Nullable Long rpath;
    private @Nullable Long runpath;
    private @Nullable Long strtab;
    private @Nullable Long strsz;
    private long flags1;
    private int stringBytesLeft = MAX_STRINGS;

    Reader(ElfInput input, ElfClass elfClass, List<ProgramHeader> headers) {
      this.input = input;
      this.elfClass = elfClass;
      this.headers = headers;
    }

    DynamicSection read(ProgramHeader segment) throws IOException {
      if (Long.compareUnsigned(segment.fileSize(), MAX_SECTION) > 0) {
        throw input.malformed(
            segment.offset(), "PT_DYNAMIC is over the limit of " + MAX_SECTION + " bytes");
      }
      ByteBuffer entries = input.read(segment.offset(), segment.fileSize(), "PT_DYNAMIC");
      int entry = 2 * elfClass.addressSize();
      for (int i = 0; i + entry <= entries.limit(); i += entry) {
        long tag = elfClass.word(entries, i);
        if (tag == DT_NULL) {
          break;
        }
        collect(tag, elfClass.word(entries, i + elfClass.addressSize()));
      }
      List<String> names = new ArrayList<>();
      for (long offset : needed) {
        names.add(string(offset, PATH_MAX, "DT_NEEDED"));
      }
      Long name = soname;
      return new DynamicSection(
          names,
          name == null ? Optional.empty() : Optional.of(string(name, PATH_MAX, "DT_SONAME")),
          list(rpath, "DT_RPATH"),
          list(runpath, "DT_RUNPATH"),
          (flags1 & DF_1_NODEFLIB) != 0);
    }

    private void collect(long tag, long value) {
      // Of a tag that must be unique the last one counts, as in glibc's elf_get_dynamic_info.
      if (tag == DT_NEEDED) {
        needed.add(value);
      } else if (tag == DT_SONAME) {
        soname = value;
      } else if (tag == DT_RPATH) {
        rpath = value;
      } else if (tag == DT_RUNPATH) {
        runpath = value;
      } else if (tag == DT_STRTAB) {
        strtab = value;
      } else if (tag == DT_STRSZ) {
        strsz = value;
      } else if (tag == DT_FLAGS_1) {
        flags1 = value;
      }
    }

    private List<String> list(@Nullable Long offset, String what) throws IOException {
      if (offset == null) {
        return List.of();
      }
      String text = string(offset, MAX_LIST, what);
      // ld.so ignores an empty list, but an empty element of a list is the working directory.
      return text.isEmpty() ? List.of() : List.of(text.split(":", -1));
    }

    private String string(long index, int maxBytes, String what) throws IOException {
      Long table = strtab;
      if (table == null) {
        throw input.malformed(0, what + " without DT_STRTAB");
      }
      ProgramHeader segment = loaded(table, what);
      long inSegment = table - segment.address();
      long length = segment.fileSize() - inSegment;
      Long stated = strsz;
      if (stated != null && Long.compareUnsigned(stated, length) < 0) {
        length = stated;
      }
      long start = segment.offset() + inSegment;
      // The segment was checked to end within the file, so the length is not negative here.
      if (Long.compareUnsigned(index, length) >= 0) {
        throw input.malformed(
            start, what + " names byte " + Long.toUnsignedString(index) + " past DT_STRTAB's end");
      }
      String string = input.readString(start + index, length - index, maxBytes, what);
      stringBytesLeft -= string.length() + 1;
      if (stringBytesLeft < 0) {
        throw input.malformed(
            start, "the strings of the dynamic section are over " + MAX_STRINGS + " bytes");
      }
      return string;
    }

    private ProgramHeader loaded(long address, String what) throws IOException {
      for (ProgramHeader header : headers) {
        if (header.type() == ProgramHeader.PT_LOAD && header.contains(address)) {
          long end = header.offset() + header.fileSize();
          if (header.offset() < 0 || header.fileSize() < 0 || end < 0 || end > input.size()) {
            throw input.malformed(header.offset(), "PT_LOAD runs past the end of the file");
          }
          return header;
        }
      }
      throw input.malformed(
          0, what + ": DT_STRTAB 0x" + Long.toHexString(address) + " is in no PT_LOAD");
    }
  }
}
