// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.mount.BindMount;
import org.syschroot.mount.MountPlan;
import org.syschroot.path.OsString;
import org.syschroot.plan.MountNamespace;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.testing.BusyboxImage;

/**
 * Times the start and end of {@code /bin/true} in an image, and other ways to the same end, side by
 * side in one run. Not a test: run {@code main} as root. Arguments: starts a way and thread count,
 * rounds; system properties {@code heap.gib} and {@code descriptors} burden the JVM first.
 */
public final class SpawnBenchmark {
  private static final List<OsString> ENVIRONMENT = List.of(OsString.of("PATH=/usr/bin:/bin"));

  private static final Map<Integer, Integer> STREAMS = Map.of(0, 0, 1, 1, 2, 2);

  private SpawnBenchmark() {}

  /** One way to run the command; returns its exit status. */
  private interface Way {
    int run() throws Exception;
  }

  /** Runs the benchmark. */
  public static void main(String... arguments) throws Exception {
    int starts = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 300;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
    Path directory = Files.createTempDirectory("syschroot-benchmark");
    try {
      Path root = BusyboxImage.tree(directory, "small");
      Files.delete(root.resolve("bin/true"));
      Files.copy(Path.of("/bin/busybox"), root.resolve("bin/true"));
      List<byte[]> heap = heap(Integer.getInteger("heap.gib", 0));
      List<Integer> descriptors = descriptors(Integer.getInteger("descriptors", 0));
      Map<String, Way> ways = ways(root);
      System.out.printf(
          "java %s, %d starts, heap %d GiB, %d descriptors%n",
          Runtime.version(), starts, heap.size(), descriptors.size());
      for (int threads : new int[] {1, 2, 8}) {
        for (int round = 1; round <= rounds; round++) {
          for (Map.Entry<String, Way> way : ways.entrySet()) {
            measure(way.getKey(), way.getValue(), threads, starts, round == rounds);
          }
        }
      }
    } finally {
      try (Stream<Path> made = Files.walk(directory)) {
        for (Path path : made.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  private static List<byte[]> heap(int gib) {
    List<byte[]> touched = new ArrayList<>();
    for (int i = 0; i < gib; i++) {
      byte[] block = new byte[1 << 30];
      Arrays.fill(block, (byte) 1);
      touched.add(block);
    }
    return touched;
  }

  private static List<Integer> descriptors(int count) throws IOException {
    List<Integer> open = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      open.add(LinuxKernel.running().openat(Kernel.AT_FDCWD, OsString.of("/dev/null"), 0, 0));
    }
    return open;
  }

  private static Map<String, Way> ways(Path root) throws IOException {
    MountPlan binds =
        MountPlan.empty()
            .plus(BindMount.parse(OsString.of("/proc")))
            .plus(BindMount.parse(OsString.of("/dev:/dev:norbind")))
            .plus(BindMount.parse(OsString.of("/home")));
    Image image = BusyboxImage.settings(root).mounts(binds).build();
    Syschroot syschroot = Syschroot.of(ImageCatalog.of(List.of(image)));
    SwitchRequest request = SwitchRequest.in(image).command("/bin/true");
    Spawn isolated = quiet(syschroot.prepare(request.mountNamespace(MountNamespace.PRIVATE)));
    Spawn shared = quiet(syschroot.prepare(request.mountNamespace(MountNamespace.SHARED)));
    Map<String, Way> ways = new LinkedHashMap<>();
    ways.put("posix_spawn(/bin/true), native: the floor", SpawnBenchmark::floor);
    ways.put("ProcessBuilder(/bin/true), native", builder("/bin/true"));
    ways.put("syschroot, namespace and 3 binds", () -> isolated.start().waitFor());
    ways.put(
        "syschroot, pipes instead of /dev/null",
        () -> syschroot.start(request.mountNamespace(MountNamespace.PRIVATE)).waitFor());
    ways.put("syschroot, mounts shared", () -> shared.start().waitFor());
    ways.put("ProcessBuilder(chroot)", builder("chroot", root.toString(), "/bin/true"));
    ways.put(
        "ProcessBuilder(setarch, chroot)",
        builder("setarch", "linux32", "chroot", root.toString(), "/bin/true"));
    if (Files.exists(Path.of("/usr/bin/bwrap"))) {
      ways.put(
          "ProcessBuilder(bwrap), 3 binds",
          builder(
              "bwrap",
              "--bind",
              root.toString(),
              "/",
              "--bind",
              "/proc",
              "/proc",
              "--dev-bind",
              "/dev",
              "/dev",
              "--bind",
              "/home",
              "/home",
              "/bin/true"));
    }
    return ways;
  }

  private static Spawn quiet(Spawn spawn) {
    return spawn
        .redirectInput(Redirect.from(new java.io.File("/dev/null")))
        .redirectOutput(Redirect.DISCARD)
        .redirectError(Redirect.DISCARD);
  }

  private static Way builder(String... command) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(Redirect.from(new java.io.File("/dev/null")))
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD);
    return () -> builder.start().waitFor();
  }

  private static int floor() throws IOException {
    OsString program = OsString.of("/bin/true");
    int pid = LinuxKernel.running().spawn(program, List.of(program), ENVIRONMENT, STREAMS, 0, 0);
    return LinuxProcessCalls.running().reap(pid);
  }

  private static void measure(String name, Way way, int threads, int starts, boolean show)
      throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      long began = System.nanoTime();
      List<Future<long[]>> parts = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        parts.add(pool.submit((Callable<long[]>) () -> latencies(way, starts / threads)));
      }
      List<long[]> all = new ArrayList<>();
      for (Future<long[]> part : parts) {
        all.add(part.get());
      }
      double seconds = (System.nanoTime() - began) / 1e9;
      long[] sorted = all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
      if (show) {
        System.out.printf(
            "%d threads  %-44s median %7.3f ms  p95 %7.3f ms  %7.0f/s%n",
            threads,
            name,
            sorted[sorted.length / 2] / 1e6,
            sorted[sorted.length * 95 / 100] / 1e6,
            sorted.length / seconds);
      }
    } finally {
      pool.shutdown();
    }
  }

  private static long[] latencies(Way way, int count) throws Exception {
    long[] nanos = new long[count];
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      int status = way.run();
      nanos[i] = System.nanoTime() - start;
      if (status != 0) {
        throw new IllegalStateException("exit status " + status);
      }
    }
    return nanos;
  }
}
