// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.syschroot.kernel.Machine;
import org.syschroot.path.OsString;

/** Writes a launcher's instructions and table for people to read. */
final class LauncherListing {
  private static final int LONGEST_SHOWN = 60;
  private static final Set<Action> WITH_LENGTH = Set.of(Action.STORE2);

  private final ByteBuffer file;
  private final Machine machine;
  private final int table;
  private final List<String> lines = new ArrayList<>();
  private String part = "";

  LauncherListing(ByteBuffer file, Machine machine) {
    this.file = file;
    this.machine = machine;
    this.table = Layout.table(Interpreter.of(machine));
  }

  void instruction(Instruction instruction) {
    if (!instruction.part().equals(part)) {
      part = instruction.part();
      lines.add(part + ":");
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "  %08x  %-24s %s",
            Layout.CODE_ADDRESS + instruction.offset(),
            instruction.hex(),
            instruction.text()));
  }

  void foreignCode(byte[] code) {
    lines.add("not the interpreter of this release:");
    for (int i = 0; i < code.length; i += 16) {
      int end = Math.min(code.length, i + 16);
      lines.add(
          String.format(
              Locale.ROOT,
              "  %08x  %s",
              Layout.CODE_ADDRESS + Layout.CODE + i,
              HexFormat.of().formatHex(code, i, end)));
    }
  }

  /** Adds an entry, with the constants it refers to, and a line before it for a new step. */
  void entry(int index, int place, TableEntry entry, String step) {
    if (!step.equals(part)) {
      part = step;
      lines.add("step " + step + ":");
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < entry.operands().size(); i++) {
      Operand operand = entry.operands().get(i);
      if (operand.base() == Base.DATA) {
        texts.add("\"" + text(operand.offset(), longest(entry, i)) + "\"");
      }
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "  %08x  %3d  %s%s",
            Layout.DATA_ADDRESS + table + (long) place * Short.BYTES,
            index,
            entry.describe(machine),
            texts.isEmpty() ? "" : "  # " + String.join(", ", texts)));
  }

  /** A text is told with its length, or ends with NUL. */
  private static int longest(TableEntry entry, int index) {
    boolean withLength = Action.of(entry.number()).filter(WITH_LENGTH::contains).isPresent();
    if (withLength && index + 1 < entry.operands().size()) {
      Operand length = entry.operands().get(index + 1);
      if (length.base() == Base.ZERO && length.offset() > 0) {
        return Math.min(length.offset(), LONGEST_SHOWN);
      }
    }
    return LONGEST_SHOWN;
  }

  private String text(int offset, int longest) {
    int end = offset;
    while (end < file.limit() && end - offset < longest && file.get(end) != 0) {
      end++;
    }
    byte[] bytes = new byte[Math.max(0, end - offset)];
    file.get(offset, bytes);
    return OsString.ofBytes(bytes).toString();
  }

  List<String> lines() {
    return lines;
  }
}
