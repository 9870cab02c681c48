// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.ImageName;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.MountNamespace;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.Dose;
import org.syschroot.testing.JvmState;
import org.syschroot.testing.ProcFiles;

/** Many starts at once in a busy JVM. {@code -Pstress} does 20 000. */
final class SpawnStressTest {
  private static final int SPAWNS = Dose.of(400, 20_000);
  private static final int THREADS = 16;
  // What JUnit, compilers and loaders keep meanwhile; 400 bytes each of 20 000 would be more.
  private static final long MOST_BYTES_KEPT = 8L << 20;

  @TempDir static Path directory;
  private static Path home;
  private static List<Image> images;
  private static Syschroot syschroot;

  private final AtomicBoolean over = new AtomicBoolean();

  /** Work that goes on beside the starts. */
  private interface Chore {
    void doOnce() throws Exception;
  }

  @BeforeAll
  static void makeImages() throws IOException {
    ProcFiles.assumeRootAndBusybox();
    home = Files.createDirectory(directory.resolve("home"));
    Files.writeString(home.resolve("shared"), "shared\n");
    images = List.of(image("one"), image("two"));
    syschroot = Syschroot.of(ImageCatalog.of(images));
  }

  private static Image image(String name) {
    MountPlan mounts =
        MountPlan.empty()
            .plus(BindMount.parse(OsString.of("/proc")))
            .plus(BindMount.parse(OsString.of(home + ":/home")))
            .plus(new TmpfsMount(ImagePath.of("/tmp"), OsString.of("mode=1777")));
    return BusyboxImage.settings(BusyboxImage.tree(directory, name)).mounts(mounts).build();
  }

  private static SwitchRequest request(Image image) {
    return SwitchRequest.in(image).directory("/").mountNamespace(MountNamespace.PRIVATE);
  }

  @Test
  void start_privateNamespaceWithThreeMounts_isSeenByTheCommandAlone() throws Exception {
    String before = Files.readString(Path.of("/proc/self/mountinfo"));
    SwitchedProcess process =
        syschroot.start(
            request(images.get(0))
                .command("/bin/sh", "-c", "cat /home/shared; echo x > /tmp/x; exec sleep 600"));
    try {
      assertThat(new String(process.getInputStream().readNBytes(7), StandardCharsets.UTF_8))
          .isEqualTo("shared\n");
      assertThat(Files.readAllLines(Path.of("/proc/" + process.pid() + "/mountinfo"))).hasSize(4);
      assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).isEqualTo(before);
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).isEqualTo(before);
    assertThat(directory.resolve("one/tmp/x")).doesNotExist();
  }

  @Test
  void start_manyAtOnceInABusyJvm_leakNothing() throws Exception {
    work(THREADS, THREADS); // what is made once for all starts is no leak
    awaitQuiet();
    JvmState before = JvmState.now();
    List<Long> children = JvmState.children();
    long threads = ownThreads();
    long memory = memoryInUse();
    ExecutorService beside = Executors.newFixedThreadPool(4);
    List<Future<?>> chores = new ArrayList<>();
    for (Chore chore :
        List.<Chore>of(this::nativeChild, this::loadClasses, this::openFiles, this::collect)) {
      chores.add(
          beside.submit(
              () -> {
                while (!over.get()) {
                  chore.doOnce();
                }
                return null;
              }));
    }
    try {
      work(SPAWNS, THREADS);
    } finally {
      over.set(true);
      beside.shutdown();
    }
    for (Future<?> chore : chores) {
      chore.get();
    }
    assertThat(beside.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    awaitQuiet();
    assertThat(JvmState.settledSince(before)).isEqualTo(before);
    assertThat(JvmState.children()).isEqualTo(children);
    assertThat(ownThreads()).isEqualTo(threads);
    assertThat(memoryInUse() - memory).as("bytes kept").isLessThan(MOST_BYTES_KEPT);
    assertThat(JvmState.usersOfThreads().values()).allMatch(line -> line.endsWith("\t0\t0\t0\t0"));
  }

  private static void work(int spawns, int threads) throws Exception {
    AtomicInteger next = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        workers.add(
            pool.submit(
                () -> {
                  for (int n = next.getAndIncrement(); n < spawns; n = next.getAndIncrement()) {
                    spawnAndCheck(n);
                  }
                  return null;
                }));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
    } finally {
      pool.shutdown();
      assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static void spawnAndCheck(int n) throws Exception {
    Image image = images.get(n % 2);
    int uid = 20000 + n % 7;
    String script =
        "cat /image /home/shared; id -u; id -g; id -G; ls /proc/self/fd; exit " + n % 100;
    SwitchRequest request =
        request(image)
            .command("/bin/sh", "-c", script)
            .identity(new Identity(uid, uid + 1, List.of(uid + 1, uid + 2)));
    SwitchedProcess process = syschroot.prepare(request).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    // 3 is ls's own, of the directory it lists.
    String expected =
        String.join(
            "\n",
            image.name().toString(),
            "shared",
            "" + uid,
            "" + (uid + 1),
            (uid + 1) + " " + (uid + 2),
            "0\n1\n2\n3\n");
    assertThat(text).isEqualTo(expected);
    assertThat(process.waitFor()).isEqualTo(n % 100);
  }

  /** The workers' threads and the native system's threads end a little after their work. */
  private static void awaitQuiet() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (System.nanoTime() < deadline
        && Thread.getAllStackTraces().keySet().stream()
            .anyMatch(thread -> thread.getName().equals("syschroot switches"))) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    System.gc();
    TimeUnit.MILLISECONDS.sleep(200);
  }

  /** What the heap still has after a collection, and what is outside it for direct buffers. */
  private static long memoryInUse() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed()
        + ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
  }

  private static long ownThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("syschroot"))
        .count();
  }

  private void nativeChild() throws Exception {
    Process child =
        new ProcessBuilder(
                "/bin/busybox", "sh", "-c", "echo $$; test -e /image || echo native; id -u")
            .redirectErrorStream(true)
            .redirectInput(Redirect.from(new java.io.File("/dev/null")))
            .start();
    String text = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(text).isEqualTo(child.pid() + "\nnative\n0\n");
    assertThat(child.waitFor()).isZero();
  }

  private void loadClasses() throws Exception {
    URL classes = Syschroot.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes}, null) {}) {
      Class<?> loaded = Class.forName(ImageName.class.getName(), true, loader);
      assertThat(loaded).isNotSameAs(ImageName.class);
    }
  }

  private void openFiles() throws IOException {
    Path file = Files.createTempFile(directory, "chore", "");
    Files.writeString(file, "chore");
    assertThat(Files.readString(file)).isEqualTo("chore");
    Files.delete(file);
    assertThat(Path.of("/image")).doesNotExist();
  }

  private void collect() throws InterruptedException {
    byte[][] garbage = new byte[64][];
    for (int i = 0; i < garbage.length; i++) {
      garbage[i] = new byte[1 << 16];
    }
    System.gc();
    TimeUnit.MILLISECONDS.sleep(garbage.length);
  }
}
