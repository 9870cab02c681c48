// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.archive;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.images.tree.SourceException;

/**
 * Where the parts of a sparse file belong (GNU tar, "Storing Sparse Files"). Immutable.
 *
 * @param realSize the size of the file with its holes, in bytes
 * @param parts in the order of the archive
 */
record SparseMap(long realSize, List<Part> parts) {
  private static final int MOST_PARTS = 1_000_000;
  private static final int PART = 24; // bytes in a header
  private static final int OLD_PARTS = 386;
  private static final int OLD_MORE = 482;
  private static final int OLD_SIZE = 483;
  private static final int FURTHER_MORE = 504;

  /**
   * A part with data.
   *
   * @param offset in the file
   * @param length in bytes
   */
  record Part(long offset, long length) {}

  /** What a map is read from besides the header. */
  interface Source {
    /** Returns the next block after the header. */
    byte[] headerBlock() throws IOException;

    /** Returns the next block of the content. */
    byte[] contentBlock() throws IOException;
  }

  /** Returns the map of an entry, or null if the file is not sparse. */
  static @Nullable SparseMap read(TarHeader header, PaxRecords records, Source source)
      throws IOException {
    if (header.type() == 'S') {
      return readOld(header, source);
    }
    Optional<Long> size = records.number("GNU.sparse.size");
    if (records.ascii("GNU.sparse.major").equals(Optional.of("1"))) {
      Optional<Long> realSize = records.number("GNU.sparse.realsize");
      return readContent(realSize.or(() -> size).orElse(0L), source);
    }
    Optional<String> map = records.ascii("GNU.sparse.map");
    if (map.isPresent()) {
      return of(size.orElse(0L), numbers(map.get()));
    }
    return size.isPresent() && !records.sparseNumbers().isEmpty()
        ? of(size.get(), records.sparseNumbers())
        : null;
  }

  private static SparseMap readOld(TarHeader header, Source source) throws IOException {
    List<Long> numbers = new ArrayList<>();
    addParts(header, OLD_PARTS, 4, numbers);
    boolean more = header.isMarked(OLD_MORE);
    while (more) {
      byte[] block = source.headerBlock();
      TarHeaderParts further = new TarHeaderParts(block);
      for (int i = 0; i < 21 && block[i * PART] != 0; i++) {
        numbers.add(further.number(i * PART));
        numbers.add(further.number(i * PART + PART / 2));
      }
      more = block[FURTHER_MORE] != 0;
      checkCount(numbers.size() / 2);
    }
    return of(header.sparseNumber(OLD_SIZE), numbers);
  }

  private static void addParts(TarHeader header, int start, int most, List<Long> numbers)
      throws SourceException {
    for (int i = 0; i < most && !header.isEmpty(start + i * PART); i++) {
      numbers.add(header.sparseNumber(start + i * PART));
      numbers.add(header.sparseNumber(start + i * PART + PART / 2));
    }
  }

  /** Reads the newest format: lines of decimal numbers at the beginning of the content. */
  private static SparseMap readContent(long realSize, Source source) throws IOException {
    DecimalLines lines = new DecimalLines(source);
    long count = lines.next();
    checkCount(count);
    List<Long> numbers = new ArrayList<>();
    for (long i = 0; i < 2 * count; i++) {
      numbers.add(lines.next());
    }
    return of(realSize, numbers);
  }

  private static void checkCount(long parts) throws SourceException {
    if (parts > MOST_PARTS) {
      throw new SourceException("a sparse file with more than " + MOST_PARTS + " parts");
    }
  }

  private static List<Long> numbers(String map) throws SourceException {
    List<Long> numbers = new ArrayList<>();
    try {
      for (String number : map.split(",")) {
        numbers.add(Long.parseLong(number));
      }
    } catch (NumberFormatException e) {
      throw new SourceException("damaged: the map of a sparse file has a wrong number", e);
    }
    return numbers;
  }

  private static SparseMap of(long realSize, List<Long> numbers) throws SourceException {
    if (numbers.size() % 2 != 0) {
      throw new SourceException("damaged: the map of a sparse file has an odd number");
    }
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < numbers.size(); i += 2) {
      parts.add(new Part(numbers.get(i), numbers.get(i + 1)));
    }
    return new SparseMap(realSize, parts);
  }

  /**
   * Checks that the parts are in order, within the file, and what the archive holds.
   *
   * @param stored the number of bytes in the archive
   */
  void check(long stored) throws SourceException {
    long end = 0;
    long sum = 0;
    for (Part part : parts) {
      if (part.offset < end || part.length < 0 || part.length > realSize - part.offset) {
        throw new SourceException("damaged: the parts of a sparse file do not fit into it");
      }
      end = part.offset + part.length;
      sum += part.length;
    }
    if (sum != stored || realSize < 0) {
      throw new SourceException("damaged: the parts of a sparse file do not match the stored data");
    }
  }

  /** The numbers of a block that continues the header of a sparse file. */
  private record TarHeaderParts(byte[] block) {
    long number(int start) throws SourceException {
      String text = new String(block, start, PART / 2, StandardCharsets.ISO_8859_1);
      if ((block[start] & 0x80) != 0) {
        long value = 0;
        for (int i = start + 4; i < start + PART / 2; i++) {
          value = value << 8 | (block[i] & 0xff);
        }
        return value;
      }
      try {
        return Long.parseLong(text.replace('\0', ' ').strip(), 8);
      } catch (NumberFormatException e) {
        throw new SourceException("damaged: the map of a sparse file has a wrong number", e);
      }
    }
  }

  /** Decimal numbers, each on a line, in blocks. */
  private static final class DecimalLines {
    private final Source source;
    private byte[] block = new byte[0];
    private int position;

    DecimalLines(Source source) {
      this.source = source;
    }

    long next() throws IOException {
      long number = 0;
      for (int digits = 0; ; digits++) {
        if (position == block.length) {
          block = source.contentBlock();
          position = 0;
        }
        int digit = block[position++] - '0';
        if (digit == '\n' - '0' && digits > 0) {
          return number;
        }
        if (digit < 0 || digit > 9 || digits > 18) {
          throw new SourceException("damaged: the map of a sparse file has a wrong number");
        }
        number = number * 10 + digit;
      }
    }
  }
}
