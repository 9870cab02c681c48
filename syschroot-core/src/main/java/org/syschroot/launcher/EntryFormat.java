// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The entries of a table in a file: 16-bit numbers, little endian. The first is the number of the
 * system call or action, with the number of operands and whether the last field is there; then the
 * place of the next entry after a failure; the numbers of the operands in the list of all operands,
 * without zeros at the end; and the place of the next entry after success, unless that is the one
 * behind this. Places are counted from the beginning of the table, in such numbers.
 */
final class EntryFormat {
  /** The largest table, in places. */
  private static final int MOST = 0x10000;

  private static final int NUMBER = 0x8fff;
  private static final int COUNT_SHIFT = 12;
  private static final int COUNT = 3;
  private static final int LEADS_ELSEWHERE = 0x4000;

  private EntryFormat() {}

  /** Returns all operands that entries have, each only once. */
  static List<Operand> operands(List<TableEntry> entries) {
    Set<Operand> all = new LinkedHashSet<>();
    entries.forEach(entry -> all.addAll(entry.statedOperands()));
    return List.copyOf(all);
  }

  /** Returns the place where each entry begins, and where the last ends. */
  static int[] places(List<TableEntry> entries) {
    int[] places = new int[entries.size() + 1];
    for (int i = 0; i < entries.size(); i++) {
      TableEntry entry = entries.get(i);
      int fields = 2 + entry.statedOperands().size() + (leadsElsewhere(entry, i) ? 1 : 0);
      places[i + 1] = places[i] + fields;
    }
    return places;
  }

  private static boolean leadsElsewhere(TableEntry entry, int index) {
    return entry.onSuccess() != index + 1;
  }

  /**
   * Returns the bytes that entries need.
   *
   * @throws LauncherException if there are too many
   */
  static int bytes(List<TableEntry> entries) throws LauncherException {
    int size = places(entries)[entries.size()];
    if (size > MOST) {
      throw new LauncherException(
          "the plan needs " + entries.size() + " entries, which are too many for a table");
    }
    return size * Short.BYTES;
  }

  /** Writes the entries, whose operands are all in the list. */
  static void put(ByteBuffer file, List<TableEntry> entries, List<Operand> pool) {
    int[] places = places(entries);
    for (int i = 0; i < entries.size(); i++) {
      TableEntry entry = entries.get(i);
      List<Operand> stated = entry.statedOperands();
      boolean elsewhere = leadsElsewhere(entry, i);
      int first = entry.number() | stated.size() << COUNT_SHIFT | (elsewhere ? LEADS_ELSEWHERE : 0);
      file.putShort((short) first).putShort((short) places[entry.onFailure()]);
      stated.forEach(operand -> file.putShort((short) pool.indexOf(operand)));
      if (elsewhere) {
        file.putShort((short) places[entry.onSuccess()]);
      }
    }
  }

  /**
   * Reads entries.
   *
   * @throws IllegalArgumentException if one leads to a place where none begins
   * @throws IndexOutOfBoundsException if there are fewer, or an operand is none of the list
   */
  static List<TableEntry> read(ByteBuffer file, int count, List<Operand> pool) {
    List<TableEntry> read = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    int start = file.position();
    for (int i = 0; i < count; i++) {
      places.add(place(file, start));
      read.add(readOne(file, start, pool));
    }
    return read.stream()
        .map(
            entry ->
                new TableEntry(
                    entry.number(),
                    index(places, entry.onSuccess()),
                    index(places, entry.onFailure()),
                    entry.operands()))
        .toList();
  }

  /** Reads one that leads to places, not to indexes. */
  private static TableEntry readOne(ByteBuffer file, int start, List<Operand> pool) {
    int first = field(file);
    int onFailure = field(file);
    List<Operand> operands = new ArrayList<>();
    for (int i = first >> COUNT_SHIFT & COUNT; i > 0; i--) {
      operands.add(pool.get(field(file)));
    }
    while (operands.size() < TableEntry.OPERANDS) {
      operands.add(Operand.number(0));
    }
    boolean elsewhere = (first & LEADS_ELSEWHERE) != 0;
    int onSuccess = elsewhere ? field(file) : place(file, start);
    return new TableEntry(first & NUMBER, onSuccess, onFailure, operands);
  }

  private static int place(ByteBuffer file, int start) {
    return (file.position() - start) / Short.BYTES;
  }

  private static int field(ByteBuffer file) {
    return Short.toUnsignedInt(file.getShort());
  }

  private static int index(List<Integer> places, int place) {
    int index = Collections.binarySearch(places, place);
    if (index < 0) {
      throw new IllegalArgumentException("no entry begins at " + place + " of its table");
    }
    return index;
  }
}
