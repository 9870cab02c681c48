// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Machine;

/** Takes a launcher's bytes apart. */
final class LauncherReader {
  private final byte[] bytes;
  private final ByteBuffer file;

  LauncherReader(byte[] bytes) {
    this.bytes = bytes.clone();
    this.file = ByteBuffer.wrap(this.bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns whether bytes have the header of a launcher, whatever else is in them. */
  static boolean hasHeader(byte[] bytes) {
    return hasMagic(bytes, Layout.HEADER) || hasMagic(bytes, Layout.FORMER_HEADER);
  }

  private static boolean hasMagic(byte[] bytes, int at) {
    byte[] magic = Constants.ascii(Layout.MAGIC);
    int end = at + magic.length;
    return bytes.length >= end && Arrays.equals(bytes, at, end, magic, 0, magic.length);
  }

  LauncherFile read() throws LauncherException {
    if (!hasHeader(bytes)) {
      throw new LauncherException("it has no launcher's header");
    }
    if (bytes.length > Layout.MOST_BYTES || bytes.length < Layout.CODE) {
      throw new LauncherException("its size is wrong");
    }
    if (!hasMagic(bytes, Layout.HEADER)
        || file.getShort(Layout.HEADER + Layout.AT_VERSION) != Layout.VERSION) {
      throw new LauncherException(
          "it was created by another release; create it again: syschroot link IMAGE");
    }
    Machine machine = Interpreter.machine(word(Layout.AT_MACHINE));
    if (machine == null) {
      throw new LauncherException("it is for an unknown architecture");
    }
    try {
      return read(machine);
    } catch (IllegalArgumentException | IndexOutOfBoundsException | BufferUnderflowException e) {
      throw new LauncherException("it is damaged: " + e.getMessage(), e);
    }
  }

  private LauncherFile read(Machine machine) throws LauncherException {
    Digest digest =
        new Digest(HexFormat.of().formatHex(block(Layout.HEADER + Layout.AT_DIGEST, Digest.BYTES)));
    String text =
        new String(
            block(
                file.getInt(Layout.HEADER + Layout.AT_PLAN),
                file.getInt(Layout.HEADER + Layout.AT_PLAN_BYTES)),
            StandardCharsets.ISO_8859_1);
    if (!Digest.of(text).equals(digest)) {
      throw new LauncherException("its digest does not match its plan");
    }
    LaunchPlan plan = LaunchPlan.parse(text);
    List<TableEntry> entries = entries(machine);
    byte[] code = block(Layout.CODE, word(Layout.AT_CODE_BYTES));
    boolean intact = Arrays.equals(bytes, LaunchCompiler.compile(plan, machine));
    List<String> steps = intact ? Table.of(plan, machine).steps() : null;
    return new LauncherFile(
        machine,
        plan,
        digest,
        intact,
        entries,
        bytes.length,
        Optional.empty(),
        Optional.empty(),
        listing(machine, code, entries, steps));
  }

  private int word(int offset) {
    return Short.toUnsignedInt(file.getShort(Layout.HEADER + offset));
  }

  private byte[] block(int offset, int length) {
    byte[] block = new byte[length < 0 ? 0 : Math.min(length, bytes.length)];
    file.get(offset, block);
    return block;
  }

  private List<TableEntry> entries(Machine machine) throws LauncherException {
    int count = word(Layout.AT_ENTRIES);
    List<Operand> pool = new ArrayList<>();
    ByteBuffer operands = at(file.getInt(Layout.HEADER + Layout.AT_OPERANDS));
    for (int i = file.getInt(Layout.HEADER + Layout.AT_OPERANDS_COUNT); i > 0; i--) {
      pool.add(Operand.of(operands.getInt()));
    }
    List<TableEntry> entries =
        EntryFormat.read(at(Layout.table(Interpreter.of(machine))), count, pool);
    for (int i = 0; i < count; i++) {
      if (!entries.get(i).leadsOnFrom(i, machine)) {
        throw new LauncherException("entry " + i + " of its table does not lead to the end");
      }
    }
    return entries;
  }

  private ByteBuffer at(int offset) {
    return file.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(offset);
  }

  private List<String> listing(
      Machine machine, byte[] code, List<TableEntry> entries, @Nullable List<String> steps) {
    Interpreter known = Interpreter.of(machine);
    LauncherListing listing = new LauncherListing(file, machine);
    if (Arrays.equals(code, known.bytes())) {
      known.instructions().forEach(listing::instruction);
    } else {
      listing.foreignCode(code);
    }
    int[] places = EntryFormat.places(entries);
    for (int i = 0; i < entries.size(); i++) {
      listing.entry(i, places[i], entries.get(i), steps == null ? "" : steps.get(i));
    }
    return listing.lines();
  }
}
