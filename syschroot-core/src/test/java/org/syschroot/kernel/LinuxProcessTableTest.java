// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinuxProcessTableTest {
  private static final int OWN_PID = (int) ProcessHandle.current().pid();
  private static final String FIELDS =
      " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21 22 23\n";

  private static long parse(String line) {
    byte[] bytes = ("xx" + line).getBytes(StandardCharsets.ISO_8859_1);
    return LinuxProcessTable.parse(ByteBuffer.wrap(bytes), 2, bytes.length - 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"(sh)", "()", "(a b)", "(x) S 1 2)", "())))", "(1 (\n) 9)"})
  void parse_anyName_startIsField22(String name) {
    assertThat(parse("42 " + name + FIELDS)).isEqualTo(4711 * ProcessTable.TICK);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "42", "42 (sh)", "42 (sh) S 1 2", "42 (sh) S 1 2 3 4 5 6 7 8 9 "})
  void parse_cutOff_isNone(String line) {
    assertThat(parse(line)).isEqualTo(ProcessTable.NONE);
    assertThat(LinuxProcessTable.parse(ByteBuffer.allocate(8), 0, -3)).isEqualTo(ProcessTable.NONE);
  }

  @Test
  void startOf_thisProcess_isWhatProcSaysAndBeforeNow() throws Exception {
    String line = Files.readString(Path.of("/proc/self/stat"), StandardCharsets.ISO_8859_1);
    String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
    try (ProcessTable table = LinuxProcessTable.open()) {
      assertThat(table.startOf(OWN_PID))
          .isEqualTo(Long.parseLong(fields[19]) * ProcessTable.TICK)
          .isLessThan(table.sinceBoot());
      assertThat(table.startOf(1)).isNotNegative().isLessThan(table.startOf(OWN_PID));
    }
  }

  @Test
  void startOf_noProcess_isNone() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    assertThat(ended.waitFor()).isZero();
    try (ProcessTable table = LinuxProcessTable.open()) {
      assertThat(table.startOf((int) ended.pid())).isEqualTo(ProcessTable.NONE);
      assertThat(table.startOf(Integer.MAX_VALUE)).isEqualTo(ProcessTable.NONE);
      assertThat(table.startOf(0)).isEqualTo(ProcessTable.NONE);
      assertThat(table.startOf(-OWN_PID)).isEqualTo(ProcessTable.NONE);
    }
  }

  @Test
  void sinceEpoch_now_isTheTimeOfDay() throws Exception {
    try (ProcessTable table = LinuxProcessTable.open()) {
      Instant before = Instant.now();
      long told = table.sinceEpoch();
      Instant after = Instant.now();
      assertThat(Instant.EPOCH.plusNanos(told)).isBetween(before.minusMillis(1), after);
      assertThat(table.sinceBoot()).isGreaterThan(TimeUnit.SECONDS.toNanos(1));
    }
  }

  @Test
  void startOf_again_makesNoGarbage() throws Exception {
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    try (ProcessTable table = LinuxProcessTable.open()) {
      table.startOf(OWN_PID);
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 1000; i++) {
        table.startOf(OWN_PID);
      }
      // java.lang.foreign takes 40 bytes a call until the optimizing compiler has removed them.
      long limit = RawCalls.running() instanceof ForeignCalls ? 400_000 : 16_000;
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(limit);
    }
  }
}
