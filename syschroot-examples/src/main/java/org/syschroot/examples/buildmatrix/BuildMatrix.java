// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.buildmatrix;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.Callable;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Runs one command in every image and says where it works: {@code build-matrix -- make test}. Needs
 * root. The exit status is 0 if the command succeeded everywhere.
 */
@Command(
    name = "build-matrix",
    description = "Runs one command in every image, in parallel, and compares the results.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class BuildMatrix implements Callable<Integer> {
  private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");
  private static final int FAILED = 1;
  private static final int WRONG_USAGE = 2;

  @Option(
      names = "--config",
      paramLabel = "DIR",
      description = "The images' configuration; default: ${DEFAULT-VALUE}.")
  private Path config = Path.of("/etc/syschroot");

  @Option(
      names = "--image",
      paramLabel = "NAME",
      description = "Only this image; may be repeated. Default: all.")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = "In how many images at a time; default: one a processor.")
  private int jobs = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "After which a command is killed; default: ${DEFAULT-VALUE}.")
  private long seconds = 3600;

  @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "The command.")
  private List<String> command = new ArrayList<>();

  private final PrintStream out;
  private final PrintStream err;
  private final boolean terminal;

  BuildMatrix(PrintStream out, PrintStream err, boolean terminal) {
    this.out = out;
    this.err = err;
    this.terminal = terminal;
  }

  /** Runs it. */
  public static void main(String... arguments) {
    // The first process of a pid namespace does not die of ^C, and such are this program's only
    // children.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly)));
    BuildMatrix matrix = new BuildMatrix(System.out, System.err, isTerminal());
    System.exit(matrix.execute(arguments));
  }

  int execute(String... arguments) {
    return new CommandLine(this).setStopAtPositional(true).execute(arguments);
  }

  private static boolean isTerminal() {
    try {
      String target = Files.readSymbolicLink(STANDARD_OUTPUT).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException unknown) {
      return false;
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    if (jobs < 1 || seconds < 1) {
      err.println("build-matrix: --jobs and --timeout must be 1 or more");
      return WRONG_USAGE;
    }
    try {
      Syschroot syschroot = Syschroot.load(config);
      Duration limit = Duration.ofSeconds(seconds);
      Screen screen = new Screen(out, terminal);
      List<MatrixResult> results =
          new MatrixRun(syschroot, images(syschroot), command, limit, jobs).run(screen);
      new SummaryTable(results).lines().forEach(screen::line);
      return results.stream().allMatch(MatrixResult::succeeded) ? 0 : FAILED;
    } catch (IOException | NoSuchElementException e) {
      err.println("build-matrix: " + e.getMessage());
      return WRONG_USAGE;
    }
  }

  private List<Image> images(Syschroot syschroot) {
    Set<Image> chosen = new LinkedHashSet<>();
    names.forEach(name -> chosen.add(syschroot.image(name)));
    List<Image> images = names.isEmpty() ? syschroot.catalog().all() : List.copyOf(chosen);
    if (images.isEmpty()) {
      throw new NoSuchElementException(
          "there are no images in "
              + config.resolve("images.d")
              + ": \"syschroot create\" makes one");
    }
    return images;
  }
}
