// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.path.OsString;
import org.syschroot.testing.JvmState;
import org.syschroot.testing.ProcFiles;

/** Children of a process with many descriptors. */
@Timeout(120)
final class LowDescriptorsTest {
  private static final int MANY = 2000;
  private static final int SIGKILL = 9;

  @TempDir private Path folder;
  private final Kernel kernel = LinuxKernel.running();
  private final ProcessCalls calls = LinuxProcessCalls.running();
  private final List<Integer> open = new ArrayList<>();

  @BeforeEach
  void openMany() throws KernelException {
    calls.reserveDescriptors();
    for (int i = 0; i < MANY; i++) {
      open("/dev/null");
    }
  }

  @AfterEach
  void close() throws KernelException {
    for (int descriptor : open) {
      calls.close(descriptor);
    }
  }

  private int open(String path) throws KernelException {
    open.add(kernel.openat(Kernel.AT_FDCWD, OsString.of(path), OpenFlags.O_RDONLY, 0));
    return open.get(open.size() - 1);
  }

  private int spawn(Map<Integer, Integer> descriptors, String... words) throws KernelException {
    List<OsString> arguments = List.of(words).stream().map(OsString::of).toList();
    return kernel.spawn(arguments.get(0), arguments, List.of(), descriptors, 0, 0);
  }

  private String output(Map<Integer, Integer> descriptors, String... words) throws KernelException {
    ProcessCalls.Pipe pipe = calls.pipe();
    int pid;
    try {
      Map<Integer, Integer> all = new HashMap<>(descriptors);
      all.put(1, pipe.writeEnd());
      pid = spawn(all, words);
    } finally {
      calls.close(pipe.writeEnd());
    }
    StringBuilder text = new StringBuilder();
    byte[] block = new byte[4096];
    for (int length = 1; length > 0; ) {
      length = calls.read(pipe.readEnd(), block, 0, block.length);
      text.append(new String(block, 0, length, StandardCharsets.US_ASCII));
    }
    calls.close(pipe.readEnd());
    assertThat(calls.reap(pid)).isZero();
    return text.toString();
  }

  @Test
  void spawn_highNumbers_childHasASmallTableOfThem() throws Exception {
    int high = open("/dev/null");
    assertThat(high).isGreaterThan(LowDescriptors.FEW);

    int pid = spawn(Map.of(0, high, 1, high, 2, high), "/bin/sleep", "600");
    try {
      int tableSize = Integer.parseInt(ProcFiles.status(pid).get("FDSize"));
      assertThat(tableSize).isLessThanOrEqualTo(LowDescriptors.FEW);
      assertThat(ProcFiles.descriptors(pid)).containsExactly("0", "1", "2");
    } finally {
      calls.kill(pid, SIGKILL);
      calls.reap(pid);
    }
  }

  @Test
  void spawn_moreThanAreReserved_childHasThemAll() throws Exception {
    Map<Integer, Integer> wanted = new HashMap<>();
    for (int number = 3; number < 103; number++) {
      wanted.put(number, open("/dev/null"));
    }

    String numbers = output(wanted, "/bin/ls", "/proc/self/fd");

    // Of ls itself are those of the directory and of 0 and 2, which it was not given.
    assertThat(numbers.lines()).contains("1", "3", "50", "102").doesNotContain("104", "2000");
  }

  @Test
  void spawn_notOpen_throwsAndGivesEachPlaceBack() throws Exception {
    int high = open("/dev/null");
    for (int i = 0; i < 100; i++) {
      assertThatExceptionOfType(KernelException.class)
          .isThrownBy(() -> spawn(Map.of(0, high, 1, 60_000), "/bin/true"))
          .withMessageContaining("dup3(60000")
          .matches(e -> e.is(Errno.EBADF));
    }
    int pid = spawn(Map.of(0, high), "/bin/sleep", "600");
    try {
      assertThat(Integer.parseInt(ProcFiles.status(pid).get("FDSize")))
          .isLessThanOrEqualTo(LowDescriptors.FEW);
    } finally {
      calls.kill(pid, SIGKILL);
      calls.reap(pid);
    }
  }

  @Test
  void spawn_eightThreads_eachChildReadsItsOwnFile() throws Exception {
    JvmState before = JvmState.now();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<Integer>> all = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        Path file = Files.writeString(folder.resolve("file" + t), "I am " + t + "\n");
        all.add(threads.submit(() -> copies(file)));
      }
      for (Future<Integer> one : all) {
        assertThat(one.get()).isEqualTo(50);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(JvmState.settledSince(before).descriptors()).isEqualTo(before.descriptors());
  }

  private int copies(Path file) throws Exception {
    int right = 0;
    for (int i = 0; i < 50; i++) {
      int source = kernel.openat(Kernel.AT_FDCWD, OsString.of(file.toString()), 0, 0);
      right += output(Map.of(0, source), "/bin/cat").equals(Files.readString(file)) ? 1 : 0;
      calls.close(source);
    }
    return right;
  }

  @Test
  void lease_closedInAFullHeap_givesThePlacesBack() throws Exception {
    int place = open.remove(0);
    assertThat(place).isLessThan(LowDescriptors.FEW);
    calls.close(place);
    calls.close(open.remove(0)); // for what it fills places with
    FullHeapCalls heap = new FullHeapCalls();
    LowDescriptors low = new LowDescriptors(heap);
    int high = open.get(open.size() - 1);
    assertThat(high).isGreaterThanOrEqualTo(LowDescriptors.FEW);
    List<String> before = ProcFiles.descriptors();
    LowDescriptors.Lease lease = low.lease(Map.of(0, high));
    assertThat(lease.descriptors().get(0)).isLessThan(LowDescriptors.FEW);
    heap.fill();
    lease.close();
    assertThat(ProcFiles.descriptors()).isEqualTo(before);
  }
}
