// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.syschroot.Syschroot;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.PosixSpawn;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.plan.MountNamespace;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.plan.UserIds;
import org.syschroot.spawn.Spawn;

/**
 * Measures {@code start().waitFor()} of {@code /bin/true} in an image, and other ways to the same
 * end. Run by {@code docs/benchmarks/spawn.sh}, which makes the image.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 2, time = 2)
public class SpawnBenchmark {
  private static final String ROOT = System.getProperty("syschroot.bench.root", "/nowhere");
  private static final String DEV_ALONE = "/dev:/dev:norbind";
  private static final String TRUE = "/bin/true";
  private static final File NOTHING = new File("/dev/null");

  /** How {@code /bin/true} is run: natively by the first two, in the image by the others. */
  @Param({
    "posix_spawn",
    "ProcessBuilder",
    "syschroot",
    "syschroot-shared",
    "syschroot-pipes",
    "syschroot-rootless",
    "chroot",
    "setarch-chroot",
    "bwrap",
    "schroot"
  })
  public String way = "";

  /** How much of the heap is in use, in GiB. */
  @Param("0")
  public int heap;

  /** How many further descriptors are open. */
  @Param("0")
  public int descriptors;

  private final List<byte[]> touched = new ArrayList<>();
  private Way chosen = () -> 1;

  /** A way to run the command. */
  private interface Way {
    int run() throws Exception;
  }

  /** Prepares the way, and burdens the JVM. */
  @Setup
  public void prepare() throws IOException {
    for (int i = 0; i < heap; i++) {
      byte[] block = new byte[1 << 30];
      Arrays.fill(block, (byte) 1);
      touched.add(block);
    }
    // A program that has many open has most often loaded its libraries before.
    chosen = way();
    for (int i = 0; i < descriptors; i++) {
      LinuxKernel.running().openat(Kernel.AT_FDCWD, OsString.of("/dev/null"), 0, 0);
    }
  }

  private Way way() throws IOException {
    switch (way) {
      case "posix_spawn":
        return SpawnBenchmark::posixSpawn;
      case "ProcessBuilder":
        return command(TRUE);
      case "syschroot":
        return syschroot(DEV_ALONE, request -> request.mountNamespace(MountNamespace.PRIVATE), true);
      case "syschroot-shared":
        return syschroot(DEV_ALONE, request -> request.mountNamespace(MountNamespace.SHARED), true);
      case "syschroot-pipes":
        return syschroot(DEV_ALONE, request -> request.mountNamespace(MountNamespace.PRIVATE), false);
      case "syschroot-rootless":
        // The kernel lets nobody without privilege bind a part of what is mounted.
        return syschroot("/dev", request -> request.rootless(UserIds.KEPT), true);
      case "chroot":
        return command("chroot", ROOT, TRUE);
      case "setarch-chroot":
        return command("setarch", "linux32", "chroot", ROOT, TRUE);
      case "bwrap":
        return command(
            ("bwrap --bind " + ROOT + " / --bind /proc /proc --dev-bind /dev /dev --bind /home /home")
                .concat(" " + TRUE)
                .split(" "));
      case "schroot":
        return command("schroot", "-q", "-c", "bench", "-d", "/", "--", TRUE);
      default:
        throw new IllegalArgumentException(way);
    }
  }

  private static int posixSpawn() throws IOException {
    OsString program = OsString.of(TRUE);
    List<OsString> environment = List.of(OsString.of("PATH=/usr/bin:/bin"));
    return LinuxProcessCalls.running().reap(PosixSpawn.start(program, environment));
  }

  private static Way command(String... words) {
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .redirectInput(Redirect.from(NOTHING))
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD);
    return () -> builder.start().waitFor();
  }

  private static Way syschroot(
      String dev, UnaryOperator<SwitchRequest> namespaces, boolean quiet)
      throws IOException {
    MountPlan binds =
        MountPlan.empty()
            .plus(BindMount.parse(OsString.of("/proc")))
            .plus(BindMount.parse(OsString.of(dev)))
            .plus(BindMount.parse(OsString.of("/home")));
    Image image =
        Image.builder(new ImageName("bench"), HostPath.of(ROOT))
            .directoryPolicy(DirectoryPolicy.ROOT)
            .personality(Personality.of(List.of("linux32")))
            .mounts(binds)
            .build();
    Spawn piped =
        Syschroot.of(ImageCatalog.of(List.of(image)))
            .prepare(
                namespaces.apply(SwitchRequest.in(image).command(TRUE).directory("/")));
    Spawn spawn =
        quiet
            ? piped
                .redirectInput(Redirect.from(NOTHING))
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD)
            : piped;
    return () -> spawn.start().waitFor();
  }

  /** Runs the command once. */
  @Benchmark
  public void startAndWait() throws Exception {
    int status = chosen.run();
    if (status != 0) {
      throw new IllegalStateException(way + ": exit status " + status);
    }
  }
}
