// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.kernel.FileDetails;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.kernel.TreeCalls;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.testing.Dose;

/** Trees that somebody made to keep whoever looks at them from ending. */
@Timeout(120)
class HostileTreeTest {
  private static final int O_DIRECTORY = 0200000;
  private static final Kernel KERNEL = LinuxKernel.running();

  private Path root;

  @BeforeEach
  void prepare(@TempDir Path folder) throws IOException {
    root = Files.createDirectory(folder.toRealPath().resolve("image"));
  }

  /** Paths here are longer than Java can delete. */
  @AfterEach
  void remove() throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("rm", "-rf", root.toString()).start().waitFor()).isZero();
  }

  private SystemFiles files(TreeCalls calls, Budget budget) throws IOException {
    return SystemFiles.ofImage(KERNEL, calls, HostPath.of(root.toString()), List.of(), budget);
  }

  private SystemFiles files() throws IOException {
    return files(LinuxTreeCalls.running(), Budget.standard());
  }

  private static int enter(int directory, String name) throws KernelException {
    KERNEL.mkdirat(directory, OsString.of(name), 0755);
    int next = KERNEL.openat(directory, OsString.of(name), O_DIRECTORY, 0);
    KERNEL.close(directory);
    return next;
  }

  private int top() throws KernelException {
    return KERNEL.openat(-100, OsString.of(root.toString()), O_DIRECTORY, 0);
  }

  private static long openDescriptors() throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.count();
    }
  }

  @Test
  void walk_directoriesBeneathALongPath_seesThemAllInLittleMemory() throws IOException {
    int many = Dose.of(5_000, 70_000);
    int at = top();
    for (int depth = 0; depth < 15; depth++) {
      at = enter(at, "\033".repeat(250));
    }
    for (int i = 0; i < many; i++) {
      KERNEL.mkdirat(at, OsString.of("e" + i), 0755);
    }
    KERNEL.close(at);
    long before = openDescriptors();
    SystemFiles files = files();
    TreeWalk walk = new TreeWalk(files, 1_000_000);
    assertThat(walk.from(files.root(), entry -> {})).isTrue();
    assertThat(walk.seen()).isEqualTo(many + 15);
    assertThat(files.notLookedAt()).isEmpty();
    assertThat(openDescriptors()).isEqualTo(before);
  }

  @Test
  void walk_hugeDirectory_isReadInTurnsAndItsSubdirectoriesToo() throws IOException {
    int many = Dose.of(6_000, 900_000);
    int at = top();
    for (int i = 0; i < many; i++) {
      KERNEL.mkdirat(at, OsString.of("d" + i), 0755);
    }
    KERNEL.close(at);
    Files.createFile(root.resolve("d4711/file"));
    SystemFiles files = files();
    TreeWalk walk = new TreeWalk(files, 2_000_000);
    assertThat(walk.from(files.root(), entry -> {})).isTrue();
    assertThat(walk.seen()).isEqualTo(many + 1);
  }

  @Test
  void walk_deeperThanTheLimit_isLeftOutAndSaysWhere() throws IOException {
    int at = top();
    for (int depth = 0; depth < 2_100; depth++) {
      at = enter(at, "d");
    }
    KERNEL.close(at);
    Files.createFile(root.resolve("beside"));
    SystemFiles files = files();
    TreeWalk walk = new TreeWalk(files, 1_000_000);
    assertThat(walk.from(files.root(), entry -> {})).isFalse();
    assertThat(walk.seen()).isEqualTo(2_002);
    assertThat(walk.leftOut().values())
        .containsExactly("more than 2000 directories inside one another");
    assertThat(walk.leftOut().keySet().iterator().next()).startsWith(root + "/d/d/d");
  }

  @Test
  void walk_timeThatIsOver_endsAndSaysWhere() throws IOException {
    for (int i = 0; i < 50; i++) {
      Files.createDirectory(root.resolve("d" + i));
    }
    AtomicLong now = new AtomicLong();
    Budget budget = Budget.of(Duration.ofSeconds(100), () -> now.addAndGet(1_000_000_000));
    SystemFiles files = files(LinuxTreeCalls.running(), budget);
    long before = openDescriptors();
    TreeWalk walk = new TreeWalk(files, 1_000_000);
    SystemFile top = files.root();
    assertThat(walk.from(top, entry -> {})).isFalse();
    assertThat(walk.leftOut()).containsValue("its time is over");
    assertThat(openDescriptors()).isEqualTo(before);
  }

  @Test
  void walk_directoryThatGrowsAsFastAsItIsRead_ends() throws IOException {
    Endless calls = new Endless();
    SystemFiles files = files(calls, Budget.standard());
    TreeWalk walk = new TreeWalk(files, 50_000);
    assertThat(walk.from(files.root(), entry -> {})).isFalse();
    assertThat(walk.seen()).isEqualTo(50_000);
  }

  @Test
  void list_directoryThatGrowsAsFastAsItIsRead_isTooMuch() throws IOException {
    Files.createDirectory(root.resolve("etc"));
    SystemFiles files = files(new Endless(), Budget.standard());
    assertThatThrownBy(() -> files.list("/etc"))
        .isInstanceOf(BudgetSpentException.class)
        .hasMessage("/etc has more than 100000 names");
  }

  @Test
  void text_hugeFile_isTooMuchAndNotAbsent() throws IOException {
    Path passwd = root.resolve("passwd");
    try (RandomAccessFile file = new RandomAccessFile(passwd.toFile(), "rw")) {
      file.setLength(1L << 40);
    }
    assertThatThrownBy(() -> files().text("/passwd"))
        .isInstanceOf(BudgetSpentException.class)
        .hasMessageStartingWith("/passwd has more than");
  }

  @Test
  void find_longChainOfLinks_isPaidForStepByStep() throws IOException {
    String detour = "../d/".repeat(700);
    Files.createDirectory(root.resolve("d"));
    for (int i = 0; i < 39; i++) {
      Files.createSymbolicLink(root.resolve("d/l" + i), Path.of(detour + "l" + (i + 1)));
    }
    Files.createFile(root.resolve("d/l39"));
    AtomicLong now = new AtomicLong();
    Budget budget = Budget.of(Duration.ofSeconds(100), now::get);
    SystemFiles files = files(LinuxTreeCalls.running(), budget);
    assertThat(files.find("/d/l0")).isPresent();
    now.addAndGet(Duration.ofSeconds(60).toNanos());
    assertThatThrownBy(() -> files.find("/d/l0")).isInstanceOf(BudgetSpentException.class);
  }

  @Test
  void open_readBehindTheTime_isRefused() throws IOException {
    Files.writeString(root.resolve("f"), "x");
    Budget budget = Budget.standard();
    SystemFiles files = files(LinuxTreeCalls.running(), budget);
    var channel = files.open(files.find("/f").orElseThrow()).orElseThrow();
    budget.withdraw();
    try (channel) {
      assertThatThrownBy(() -> channel.read(java.nio.ByteBuffer.allocate(1)))
          .isInstanceOf(BudgetSpentException.class);
    }
  }

  @Test
  void lines_anyText_areThoseOfSplit() {
    for (String text : List.of("", "a", "a\n", "a\n\nb", "\n\n", "a\r\nb\n")) {
      List<String> expected = text.isEmpty() ? List.of() : List.of(text.split("\n"));
      List<String> lines = new java.util.ArrayList<>();
      new TextLines(text).forEach(lines::add);
      lines.removeIf(String::isEmpty);
      assertThat(lines).isEqualTo(expected.stream().filter(line -> !line.isEmpty()).toList());
    }
  }

  /** A file system whose directories have always more names, each of a file. */
  private static final class Endless implements TreeCalls {
    private final TreeCalls real = LinuxTreeCalls.running();
    private final AtomicInteger names = new AtomicInteger();

    @Override
    public FileDetails statx(int directory, OsString path) throws KernelException {
      return path.toString().startsWith("endless")
          ? new FileDetails(new org.syschroot.kernel.FileStatus(0, 0, 0100644, 0, 0, 0), 0)
          : real.statx(directory, path);
    }

    @Override
    public List<OsString> nextNames(int directory) {
      return Stream.generate(() -> OsString.of("endless" + names.incrementAndGet()))
          .limit(1_000)
          .toList();
    }

    @Override
    public byte[] lgetxattr(OsString path, OsString name) throws KernelException {
      return real.lgetxattr(path, name);
    }
  }
}
