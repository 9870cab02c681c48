// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.syschroot.kernel.Machine;
import org.syschroot.path.OsString;

/** Writes a launcher's instructions and table for people to read. */
final class LauncherListing {
  private static final int LONGEST_SHOWN = 60;

  private final ByteBuffer file;
  private final Machine machine;
  private final List<String> lines = new ArrayList<>();
  private String part = "";

  LauncherListing(ByteBuffer file, Machine machine) {
    this.file = file;
    this.machine = machine;
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
  void entry(int index, TableEntry entry, String step) {
    if (!step.equals(part)) {
      part = step;
      lines.add("step " + step + ":");
    }
    String texts =
        entry.operands().stream()
            .filter(operand -> operand.base() == Base.DATA)
            .map(operand -> "\"" + text(operand.offset()) + "\"")
            .collect(Collectors.joining(", "));
    lines.add(
        String.format(
            Locale.ROOT,
            "  %08x  %3d  %s%s",
            Layout.DATA_ADDRESS + Layout.TABLE + (long) index * TableEntry.BYTES,
            index,
            entry.describe(machine),
            texts.isEmpty() ? "" : "  # " + texts));
  }

  private String text(int offset) {
    int end = offset;
    while (end < file.limit() && end - offset < LONGEST_SHOWN && file.get(end) != 0) {
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
