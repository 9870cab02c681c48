// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Machine;

/**
 * The constant instructions that walk a table, one list for each machine. The source is kept beside
 * the listing, as {@code interpreter-MACHINE.s}; a test assembles it and compares. Immutable.
 */
final class Interpreter {
  private static final int EM_X86_64 = 62;
  private static final int EM_AARCH64 = 183;

  private final Machine machine;
  private final List<Instruction> instructions;
  private final byte[] bytes;

  private Interpreter(Machine machine) {
    this.machine = machine;
    this.instructions = parse(resource(machine, "listing"));
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    instructions.forEach(one -> all.writeBytes(HexFormat.of().parseHex(one.hex())));
    this.bytes = all.toByteArray();
  }

  static Interpreter of(Machine machine) {
    return new Interpreter(machine);
  }

  static @Nullable Machine machine(int elfMachine) {
    return switch (elfMachine) {
      case EM_X86_64 -> Machine.X86_64;
      case EM_AARCH64 -> Machine.AARCH64;
      default -> null;
    };
  }

  int elfMachine() {
    return machine == Machine.AARCH64 ? EM_AARCH64 : EM_X86_64;
  }

  List<Instruction> instructions() {
    return instructions;
  }

  byte[] bytes() {
    return bytes.clone();
  }

  int size() {
    return bytes.length;
  }

  /** Returns the text of {@code interpreter-MACHINE.KIND}. */
  static String resource(Machine machine, String kind) {
    String name = "interpreter-" + machine.name().toLowerCase(Locale.ROOT) + "." + kind;
    try (InputStream in = Interpreter.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads lines {@code LABEL:} and {@code OFFSET HEX MNEMONIC OPERANDS}. */
  private static List<Instruction> parse(String listing) {
    List<Instruction> instructions = new ArrayList<>();
    String part = "";
    for (String line : listing.split("\n")) {
      if (line.endsWith(":")) {
        part = line.substring(0, line.length() - 1);
      } else if (!line.isEmpty() && !line.startsWith("#")) {
        String[] words = line.split(" +", 3);
        instructions.add(new Instruction(Integer.parseInt(words[0], 16), words[1], words[2], part));
      }
    }
    return List.copyOf(instructions);
  }
}
