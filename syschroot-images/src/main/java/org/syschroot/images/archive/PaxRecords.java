// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.archive;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.syschroot.images.tree.SourceException;
import org.syschroot.path.OsString;

/**
 * The extended header of an entry (pax(1), "pax Extended Header"). Values are bytes: names need not
 * be UTF-8, whatever the standard says, and extended attributes are binary. For one thread.
 */
final class PaxRecords {
  private static final String ATTRIBUTE = "SCHILY.xattr.";
  private static final String ACCESS_CONTROL_LIST = "SCHILY.acl.";

  private final Map<String, byte[]> values = new HashMap<>();
  // The oldest format for sparse files repeats its keys.
  private final List<Long> sparse = new ArrayList<>();

  PaxRecords() {}

  /** Returns a copy, to which the records of one entry are added. */
  PaxRecords copy() {
    PaxRecords copy = new PaxRecords();
    copy.values.putAll(values);
    return copy;
  }

  /**
   * Adds records: {@code LENGTH KEY=VALUE\n}, where the length counts all of it.
   *
   * @throws SourceException if they are not of this form
   */
  void add(byte[] records) throws SourceException {
    int start = 0;
    while (start < records.length) {
      int blank = start;
      int length = 0;
      while (blank < records.length && records[blank] != ' ') {
        int digit = records[blank] - '0';
        if (digit < 0 || digit > 9 || length > records.length) {
          throw wrong();
        }
        length = length * 10 + digit;
        blank++;
      }
      int end = start + length;
      if (end > records.length || end <= blank + 1 || records[end - 1] != '\n') {
        throw wrong();
      }
      addRecord(records, blank + 1, end - 1);
      start = end;
    }
  }

  private void addRecord(byte[] records, int start, int end) throws SourceException {
    int equals = start;
    while (equals < end && records[equals] != '=') {
      equals++;
    }
    if (equals == end || equals == start) {
      throw wrong();
    }
    String key = new String(records, start, equals - start, StandardCharsets.ISO_8859_1);
    byte[] value = java.util.Arrays.copyOfRange(records, equals + 1, end);
    if (key.equals("GNU.sparse.offset") || key.equals("GNU.sparse.numbytes")) {
      sparse.add(number(value));
    } else {
      values.put(key, value);
    }
  }

  private static SourceException wrong() {
    return new SourceException("damaged: an extended header of tar is not of its form");
  }

  private Optional<byte[]> value(String key) {
    return Optional.ofNullable(values.get(key)).filter(value -> value.length > 0);
  }

  Optional<String> ascii(String key) {
    return value(key).map(value -> new String(value, StandardCharsets.ISO_8859_1));
  }

  /**
   * Returns a path or the text of a link.
   *
   * @throws SourceException if it contains a NUL byte
   */
  Optional<OsString> text(String key) throws SourceException {
    Optional<byte[]> value = value(key);
    try {
      return value.map(OsString::ofBytes);
    } catch (IllegalArgumentException e) {
      throw new SourceException("damaged: a name " + e.getMessage(), e);
    }
  }

  /** Returns a number that is not negative. */
  Optional<Long> number(String key) throws SourceException {
    Optional<byte[]> value = value(key);
    return value.isPresent() ? Optional.of(number(value.get())) : Optional.empty();
  }

  private static long number(byte[] value) throws SourceException {
    try {
      long number = Long.parseLong(new String(value, StandardCharsets.ISO_8859_1));
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new SourceException("damaged: an extended header of tar has a wrong number", e);
    }
    throw new SourceException("damaged: an extended header of tar has a negative number");
  }

  /** Returns offset and length in turn of the parts of a sparse file, in the oldest format. */
  List<Long> sparseNumbers() {
    return sparse;
  }

  /**
   * Returns the extended attributes, less those that are not of the form NAMESPACE.NAME. Among them
   * are access control lists, by the keys of their text: no filesystem takes these for attributes,
   * and so they are counted as lost.
   */
  Map<OsString, byte[]> attributes() {
    Map<OsString, byte[]> attributes = new LinkedHashMap<>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(ACCESS_CONTROL_LIST) && value.length > 0) {
            attributes.put(OsString.of(key), value);
          }
          if (key.startsWith(ATTRIBUTE) && key.indexOf('.', ATTRIBUTE.length()) > 0) {
            byte[] name = key.substring(ATTRIBUTE.length()).getBytes(StandardCharsets.ISO_8859_1);
            if (name.length < 256 && indexOfNul(name) < 0) {
              attributes.put(OsString.ofBytes(name), value);
            }
          }
        });
    return attributes;
  }

  private static int indexOfNul(byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        return i;
      }
    }
    return -1;
  }
}
