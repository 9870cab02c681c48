// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.glibc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The content of {@code /etc/ld.so.cache} (ldconfig(8); glibc's {@code dl-cache.h}). Immutable.
 *
 * @param libraries what the loader finds by it, in the cache's order
 */
public record LibraryCache(List<Entry> libraries) {
  private static final String OLD_MAGIC = "ld.so-1.7.0";
  private static final String NEW_MAGIC = "glibc-ld.so.cache1.1";
  private static final int OLD_HEADER = 16;
  private static final int OLD_ENTRY = 12;
  private static final int NEW_HEADER = 48;
  private static final int NEW_ENTRY = 24;
  private static final int MOST_LIBRARIES = 50_000;
  private static final int MOST_BYTES = 8 << 20; // entries can share one string
  private static final int PATH_MAX = 4096;

  /** Copies the list. */
  public LibraryCache {
    libraries = List.copyOf(libraries);
  }

  /**
   * A library. Immutable.
   *
   * @param name what programs ask for, one character a byte
   * @param path where it is, one character a byte
   */
  public record Entry(String name, String path) {}

  /** Reads a cache of this machine's byte order, or returns empty if it is damaged or none. */
  public static Optional<LibraryCache> parse(byte[] bytes) {
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    if (startsWith(bytes, 0, NEW_MAGIC)) {
      return parse(file, 0, NEW_HEADER, NEW_ENTRY, 20, 0);
    }
    if (!startsWith(bytes, 0, OLD_MAGIC) || bytes.length < OLD_HEADER) {
      return Optional.empty();
    }
    long count = Integer.toUnsignedLong(file.getInt(12));
    long end = OLD_HEADER + count * OLD_ENTRY;
    // Between 1999 and 2020 the new form followed the old one, aligned to 8.
    long second = (end + 7) & -8;
    if (second < bytes.length && startsWith(bytes, (int) second, NEW_MAGIC)) {
      return parse(file, (int) second, NEW_HEADER, NEW_ENTRY, 20, (int) second);
    }
    return end > bytes.length
        ? Optional.empty()
        : parse(file, 0, OLD_HEADER, OLD_ENTRY, 12, (int) end);
  }

  private static Optional<LibraryCache> parse(
      ByteBuffer file, int start, int header, int entrySize, int countAt, int strings) {
    if (start + header > file.limit()) {
      return Optional.empty();
    }
    long count = Integer.toUnsignedLong(file.getInt(start + countAt));
    if (count > MOST_LIBRARIES || start + header + count * entrySize > file.limit()) {
      return Optional.empty();
    }
    List<Entry> entries = new ArrayList<>();
    int bytes = 0;
    for (int i = 0; i < count; i++) {
      int entry = start + header + i * entrySize;
      Optional<String> name = string(file, strings, file.getInt(entry + 4));
      Optional<String> path = string(file, strings, file.getInt(entry + 8));
      if (name.isEmpty() || path.isEmpty()) {
        return Optional.empty();
      }
      bytes += name.get().length() + path.get().length();
      if (bytes > MOST_BYTES) {
        return Optional.empty();
      }
      entries.add(new Entry(name.get(), path.get()));
    }
    return Optional.of(new LibraryCache(entries));
  }

  private static Optional<String> string(ByteBuffer file, int strings, int offset) {
    long start = strings + Integer.toUnsignedLong(offset);
    for (long end = start; end < file.limit() && end - start < PATH_MAX; end++) {
      if (file.get((int) end) == 0) {
        return Optional.of(
            StandardCharsets.ISO_8859_1
                .decode(file.slice((int) start, (int) (end - start)))
                .toString());
      }
    }
    return Optional.empty();
  }

  private static boolean startsWith(byte[] bytes, int offset, String magic) {
    if (bytes.length - offset < magic.length()) {
      return false;
    }
    return new String(bytes, offset, magic.length(), StandardCharsets.ISO_8859_1).equals(magic);
  }
}
