// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.kernel.Machine;
import org.syschroot.testing.Assembler;
import org.syschroot.testing.RequiresCommand;

/** Holds source, bytes and listing of the interpreters together, by GNU binutils. */
final class InterpreterTest {
  private static final Pattern LINE = Pattern.compile("\\s*([0-9a-f]+):\t([0-9a-f ]+?)\\s*\t(.*)");

  private static final Pattern SEGMENT =
      Pattern.compile("\\s*(\\w+)\\s+(?:0x\\w+\\s+){5}([RWE ]{3})\\s+0x\\w+");

  @TempDir private Path folder;

  @Test
  @RequiresCommand({"as", "objcopy"})
  void source_assembledForX86_givesTheBytes() throws Exception {
    assembled(Machine.X86_64);
  }

  @Test
  @RequiresCommand({"aarch64-linux-gnu-as", "aarch64-linux-gnu-objcopy"})
  void source_assembledForArm_givesTheBytes() throws Exception {
    assembled(Machine.AARCH64);
  }

  private void assembled(Machine machine) throws Exception {
    assertThat(Assembler.assemble(machine, Interpreter.resource(machine, "s"), folder))
        .isEqualTo(Interpreter.of(machine).bytes());
  }

  @Test
  @RequiresCommand("objdump")
  void listing_x86_isObjdumpsInstructionForInstruction() throws Exception {
    disassembled(Machine.X86_64, List.of("objdump", "-d", "-M", "intel", "--wide"));
  }

  @Test
  @RequiresCommand("aarch64-linux-gnu-objdump")
  void listing_arm_isObjdumpsInstructionForInstruction() throws Exception {
    disassembled(Machine.AARCH64, List.of("aarch64-linux-gnu-objdump", "-d", "--wide"));
  }

  private void disassembled(Machine machine, List<String> objdump) throws Exception {
    Path file = folder.resolve("launcher");
    Files.write(file, LaunchCompiler.compile(Launchers.full("/sysroot/x").plan(), machine));
    List<String> command = new ArrayList<>(objdump);
    command.add(file.toString());
    List<String> shown = new ArrayList<>();
    for (String line : run(command.toArray(String[]::new)).split("\n")) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        long offset = Long.parseLong(matcher.group(1), 16) - Layout.CODE_ADDRESS;
        shown.add(offset + " " + plain(matcher.group(3)));
      }
    }
    List<String> kept = new ArrayList<>();
    for (Instruction one : Interpreter.of(machine).instructions()) {
      kept.add(one.offset() + " " + plain(one.text()));
    }
    assertThat(shown).isEqualTo(kept);
    List<String> listed =
        LauncherFile.parse(Files.readAllBytes(file)).listing().stream()
            .filter(line -> line.startsWith("  10000"))
            .toList();
    assertThat(listed).hasSameSizeAs(kept);
    List<Instruction> calls =
        Interpreter.of(machine).instructions().stream()
            .filter(one -> one.text().matches("(syscall|sysenter|int|svc|hvc|smc)\\b.*"))
            .toList();
    assertThat(calls).hasSize(1);
    assertThat(calls.get(0).part()).isEqualTo("call");
  }

  @Test
  @RequiresCommand("readelf")
  void segments_ofAnyMachine_areWritableForTheStackOnly() throws Exception {
    for (Machine machine : Machine.values()) {
      Path file = folder.resolve("launcher");
      Files.write(file, LaunchCompiler.compile(Launchers.full("/sysroot/x").plan(), machine));
      List<String> segments =
          run("readelf", "-lW", file.toString())
              .lines()
              .map(SEGMENT::matcher)
              .filter(Matcher::matches)
              .map(segment -> segment.group(1) + " " + segment.group(2))
              .toList();
      assertThat(segments).containsExactly("LOAD R E", "LOAD R  ", "GNU_STACK RW ");
    }
  }

  @Test
  void listing_offsets_areThoseOfTheBytes() {
    for (Machine machine : Machine.values()) {
      int offset = Layout.CODE;
      for (Instruction one : Interpreter.of(machine).instructions()) {
        assertThat(one.offset()).isEqualTo(offset);
        offset += one.hex().length() / 2;
      }
      int table = Layout.table(Interpreter.of(machine));
      assertThat(table).isBetween(offset, offset + 3);
      assertThat(Interpreter.resource(machine, "s"))
          .containsPattern("\\.set +TABLE, [DATA +]*0x" + Integer.toHexString(table) + "\\b");
    }
  }

  /** Without the hints of one release or another: comments, symbols, width of blanks. */
  private static String plain(String text) {
    return text.replaceAll("\\s*(//|#|<).*", "").replaceAll("\\s+", " ").strip();
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out;
  }
}
