// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.syschroot.kernel.CloneFlags;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.MountFlags;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mounts.ImageMounts;
import org.syschroot.mounts.MountListener;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * Measures what it takes to bring bind mounts up and down, each of them verified, against mount(8)
 * and against the bare system calls; and to read a mount table, against findmnt(8).
 *
 * <p>Needs root. All mounts are made in a mount namespace of its own. The arguments are the number
 * of mounts, the number of rounds, and optionally a program {@code PROGRAM SOURCES TARGETS COUNT}
 * that makes the bare system calls and prints the microseconds for up and for down.
 */
public final class MountBenchmark {
  private static final int WARM_UP = 40;
  private static final int LINES = 10_000;

  private final Kernel kernel = LinuxKernel.running();
  private final Path directory;
  private final Path sources;
  private final Path root;
  private final int count;

  private MountBenchmark(Path directory, int count) {
    this.directory = directory;
    this.sources = directory.resolve("sources");
    this.root = directory.resolve("image");
    this.count = count;
  }

  /** One way of bringing mounts up and down; milliseconds for each. */
  @FunctionalInterface
  private interface Way {
    double[] round() throws Exception;
  }

  /** Runs the benchmark and prints a table. */
  public static void main(String[] arguments) throws Exception {
    int count = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 500;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 20;
    String program = arguments.length > 2 ? arguments[2] : "";
    Path directory = Files.createTempDirectory("syschroot-benchmark");
    MountBenchmark benchmark = new MountBenchmark(directory, count);
    benchmark.prepare();
    try {
      benchmark.mounts(rounds, program);
      benchmark.tables(rounds);
    } finally {
      benchmark.clean();
    }
  }

  private void prepare() throws IOException {
    kernel.unshare(CloneFlags.CLONE_NEWNS);
    kernel.mount(null, OsString.of("/"), null, MountFlags.MS_REC | MountFlags.MS_PRIVATE, null);
    for (int i = 0; i < count; i++) {
      Files.createDirectories(sources.resolve(Integer.toString(i)));
      Files.createDirectories(root.resolve(Integer.toString(i)));
    }
  }

  /** Only empty directories are deleted, so nothing that is still mounted can be harmed. */
  private void clean() throws IOException {
    for (int i = 0; i < count; i++) {
      Files.delete(sources.resolve(Integer.toString(i)));
      Files.delete(root.resolve(Integer.toString(i)));
    }
    Files.deleteIfExists(directory.resolve("mountinfo"));
    Files.delete(sources);
    Files.delete(root);
    Files.delete(directory);
  }

  private void mounts(int rounds, String program) throws Exception {
    List<String> names = new ArrayList<>();
    List<Way> ways = new ArrayList<>();
    MountPlan plan = MountPlan.empty();
    for (int i = 0; i < count; i++) {
      HostPath source = HostPath.of(sources.resolve(Integer.toString(i)).toString());
      plan = plan.plus(BindMount.parse(OsString.of(source + ":/" + i + ":norbind")));
    }
    try (ImageMounts images =
        ImageMounts.open(
            kernel,
            HostPath.of(root.toString()),
            0,
            plan.on(HostFiles.of(FileSystems.getDefault())))) {
      for (int i = 0; i < WARM_UP; i++) {
        library(images);
        bare();
      }
      names.add("ImageMounts, one JVM, warm");
      ways.add(() -> library(images));
      names.add("bare system calls from Java");
      ways.add(this::bare);
      if (!program.isEmpty()) {
        names.add("bare system calls from C");
        ways.add(() -> program(program));
      }
      List<List<double[]>> times = new ArrayList<>();
      ways.forEach(way -> times.add(new ArrayList<>()));
      // In turns, so that all meet the same load.
      for (int i = 0; i < rounds; i++) {
        for (int way = 0; way < ways.size(); way++) {
          times.get(way).add(ways.get(way).round());
        }
      }
      names.add("loop of mount(8) and umount(8)");
      times.add(List.of(loop(), loop()));
      System.out.printf("%d bind mounts, medians%n%n", count);
      System.out.println("| | up, us each | down, us each |\n|---|---|---|");
      for (int way = 0; way < names.size(); way++) {
        print(names.get(way), median(times.get(way), 0), median(times.get(way), 1));
      }
    }
  }

  private void print(String name, double up, double down) {
    double micros = 1000.0 / count;
    System.out.println(
        String.format(Locale.ROOT, "| %s | %.1f | %.1f |", name, up * micros, down * micros));
  }

  private static double median(List<double[]> times, int which) {
    double[] sorted = times.stream().mapToDouble(time -> time[which]).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static double millisSince(long start) {
    return (System.nanoTime() - start) / 1e6;
  }

  private double[] library(ImageMounts images) throws IOException {
    long start = System.nanoTime();
    int made = images.up(MountListener.NONE);
    double up = millisSince(start);
    start = System.nanoTime();
    int removed = images.down(false, MountListener.NONE);
    double down = millisSince(start);
    if (made != count || removed != count) {
      throw new IllegalStateException(made + " made, " + removed + " removed");
    }
    return new double[] {up, down};
  }

  private double[] bare() throws IOException {
    List<OsString> from = paths(sources);
    List<OsString> to = paths(root);
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      kernel.mount(from.get(i), to.get(i), null, MountFlags.MS_BIND, null);
    }
    double up = millisSince(start);
    start = System.nanoTime();
    for (int i = count - 1; i >= 0; i--) {
      kernel.umount2(to.get(i), MountFlags.UMOUNT_NOFOLLOW);
    }
    return new double[] {up, millisSince(start)};
  }

  private List<OsString> paths(Path parent) {
    List<OsString> paths = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      paths.add(OsString.of(parent.resolve(Integer.toString(i)).toString()));
    }
    return paths;
  }

  private double[] program(String program) throws Exception {
    String[] micros =
        output(program, sources.toString(), root.toString(), Integer.toString(count)).split("\\s+");
    return new double[] {
      Double.parseDouble(micros[0]) / 1000, Double.parseDouble(micros[1]) / 1000
    };
  }

  private double[] loop() throws Exception {
    String numbers = "i=0; while [ $i -lt " + count + " ]; do ";
    String next = "; i=$((i + 1)); done";
    long start = System.nanoTime();
    output("sh", "-c", numbers + "mount --bind " + sources + "/$i " + root + "/$i" + next);
    double up = millisSince(start);
    start = System.nanoTime();
    output("sh", "-c", numbers + "umount " + root + "/$i" + next);
    return new double[] {up, millisSince(start)};
  }

  private static String output(String... words) throws Exception {
    Process process =
        new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String out = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IllegalStateException(Arrays.toString(words) + " failed");
    }
    return out;
  }

  private void tables(int rounds) throws Exception {
    Path file = directory.resolve("mountinfo");
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < LINES; i++) {
      int id = 100 + i;
      String line = " 100 0:%d / /srv/images/%d/home/user\\040%d rw,nosuid,relatime shared:%d - ";
      text.append(id).append(String.format(line, 40 + i % 7, i % 50, i, i));
      text.append("nfs4 server:/export/home/").append(i).append(" rw,vers=4.2,hard\n");
    }
    Files.writeString(file, text);
    List<double[]> parse = new ArrayList<>();
    List<double[]> findmnt = new ArrayList<>();
    for (int i = 0; i < WARM_UP + rounds; i++) {
      long start = System.nanoTime();
      int entries = MountTable.parse(Files.readAllBytes(file)).entries().size();
      double ours = millisSince(start);
      if (entries != LINES) {
        throw new IllegalStateException(entries + " entries");
      }
      if (i >= WARM_UP) {
        parse.add(new double[] {ours});
        start = System.nanoTime();
        output("findmnt", "-F", file.toString(), "--raw");
        findmnt.add(new double[] {millisSince(start)});
      }
    }
    System.out.printf("%na mount table of %d lines, medians%n%n", LINES);
    System.out.println("| | ms |\n|---|---|");
    String row = "| %s | %.1f |";
    System.out.println(
        String.format(
            Locale.ROOT, row, "MountTable, file read and parsed, warm", median(parse, 0)));
    System.out.println(
        String.format(Locale.ROOT, row, "findmnt -F FILE --raw", median(findmnt, 0)));
  }
}
