// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.path.OsString;
import org.syschroot.testing.JvmState;
import org.syschroot.testing.ProcFiles;

/** Holds the instructions to their source, and to what they are to do. */
@Timeout(60)
final class ChildCodeTest {
  @TempDir private Path folder;

  private static ChildSettings settings(Map<Integer, ResourceLimit> limits) {
    return new ChildSettings(
        Map.of(0, 0, 1, 1, 2, 2), 0, 0, limits, List.of(), OptionalInt.empty(), false);
  }

  private static List<OsString> words(String... words) {
    return List.of(words).stream().map(OsString::of).toList();
  }

  /** Until then the dynamic linker holds a library open. */
  private static void awaitSleep(int pid) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!ProcFiles.status(pid).get("State").startsWith("S")) {
      assertThat(System.nanoTime()).as("time to start").isLessThan(deadline);
      Thread.sleep(1);
    }
  }

  @Test
  void spawn_limits_holdForTheProgram() throws Exception {
    ChildSettings settings = settings(Map.of(ResourceLimit.NOFILE, new ResourceLimit(50, 60)));
    int pid =
        LinuxProcessCalls.running()
            .spawn(OsString.of("/bin/sleep"), words("sleep", "600"), List.of(), settings);
    try {
      awaitSleep(pid);
      assertThat(Files.readString(Path.of("/proc/" + pid + "/limits")))
          .containsPattern("Max open files +50 +60 ");
      Map<String, String> status = ProcFiles.status(pid);
      assertThat(status.get("SigBlk")).isEqualTo("0000000000000000");
      assertThat(status.get("SigIgn")).isEqualTo("0000000000000000");
      assertThat(ProcFiles.descriptors(pid)).containsExactly("0", "1", "2");
    } finally {
      LinuxProcessCalls.running().kill(pid, 9);
      assertThat(LinuxProcessCalls.running().reap(pid)).isEqualTo(ProcessCalls.KILLED + 9);
    }
  }

  @Test
  void run_outOfMemoryOnTheWayBack_returnsTheChildThatWasMade() throws Exception {
    List<Long> children = JvmState.children();
    FullHeapCalls calls = new FullHeapCalls();
    ChildCode code = new ChildCode(calls);
    calls.forgetNextResult();
    int pid =
        code.run(
            ThreadScratch.get(),
            OsString.of("/bin/sleep"),
            words("sleep", "600"),
            List.of(),
            settings(Map.of()));
    LinuxProcessCalls.running().kill(pid, 9);
    assertThat(LinuxProcessCalls.running().reap(pid)).isEqualTo(ProcessCalls.KILLED + 9);
    assertThat(children).containsAll(JvmState.children());
  }

  @Test
  void spawn_missingProgram_throwsThatOfExecveAndLeavesNothing() {
    LinuxProcessCalls.running().reserveDescriptors(); // once, which is no leak
    JvmState before = JvmState.now();
    List<Long> children = JvmState.children();
    assertThatThrownBy(
            () ->
                LinuxProcessCalls.running()
                    .spawn(OsString.of("/none"), words("none"), List.of(), settings(Map.of())))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("execve")
        .hasMessageContaining("ENOENT");
    assertThat(children).containsAll(JvmState.children());
    assertThat(JvmState.settledSince(before)).isEqualTo(before);
  }

  @Test
  void run_missingProgramAndFullHeap_leavesNoChild() throws Exception {
    List<Long> children = JvmState.children();
    FullHeapCalls calls = new FullHeapCalls();
    ChildCode code = new ChildCode(calls);
    calls.fill();
    Scratch memory = ThreadScratch.get();
    List<OsString> command = words("none");
    assertThatThrownBy(
            () -> code.run(memory, OsString.of("/none"), command, List.of(), settings(Map.of())))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("execve");
    assertThat(children).containsAll(JvmState.children());
  }

  @Test
  void spawn_settingRefused_throwsThatCall() {
    ChildSettings impossible = settings(Map.of(4711, new ResourceLimit(1, 1)));
    assertThatThrownBy(
            () ->
                LinuxProcessCalls.running()
                    .spawn(OsString.of("/bin/true"), words("true"), List.of(), impossible))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("prlimit64(resource=4711)")
        .hasMessageContaining("EINVAL");
  }
}
