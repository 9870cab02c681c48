// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One image for each setting of a list of situations, all of the same real Debian, and every way
 * into them, in a mount namespace that a process of this site keeps and that vanishes with it. Not
 * thread-safe.
 */
final class ConformanceSite implements AutoCloseable {
  private static final List<String> PROGRAMS = List.of("sh", "perl", "cat", "uname");
  private static final int NOBODY = 65534;
  private static final String STUB = "PATH=/mnt/stub:";
  private static final String MAKE =
      """
      set -e
      mount -t tmpfs -o mode=755 none /mnt
      mkdir /mnt/base /mnt/base/up /mnt/base/work /mnt/tree /mnt/root /mnt/etc /mnt/etc/up /mnt/etc/work \\
          /mnt/names /mnt/whole /mnt/setuid /mnt/links /mnt/stub /mnt/data
      mount -t overlay -o "lowerdir=$tree,upperdir=/mnt/base/up,workdir=/mnt/base/work" none /mnt/tree
      mount -t overlay -o lowerdir=/etc,upperdir=/mnt/etc/up,workdir=/mnt/etc/work none /etc
      mkdir -p /etc/syschroot
      cp -r "$config/images.d" /etc/syschroot
      cp "$config/sbatch" /mnt/stub/sbatch
      ln -s data /mnt/hl
      mkdir -p /mnt/tree/usr/local/bin
      sh "$config/image.sh"
      for image in $images; do
        mkdir "/mnt/root/$image" "/mnt/names/$image"
        mount --bind /mnt/tree "/mnt/root/$image"
        ln -s "$command" "/mnt/links/$image"
      done
      "$command" mount --quiet --all
      for image in $images; do
        "$command" link "$image" --into "/mnt/names/$image" $programs > /dev/null
        "$command" link "$image" --into /mnt/whole > /dev/null
        "$command" link --setuid "$image" --into /mnt/setuid > /dev/null
      done
      echo ready
      cat
      """;

  /** Slurm's part: runs the script that sbatch is given, with the environment of the submission. */
  private static final String SBATCH =
      """
      #!/bin/sh
      case "$1" in --job-name=*) shift ;; esac
      script="$1"; shift
      spool=/tmp/slurm_script.$$
      cat < "$script" > "$spool"
      chmod 755 "$spool"
      "$spool" "$@" < "$SITUATION_INPUT"
      status=$?
      rm -f "$spool"
      exit $status
      """;

  private final Path directory;
  private final Map<List<String>, String> images;
  private final Process keeper;

  private ConformanceSite(Path directory, Map<List<String>, String> images, Process keeper) {
    this.directory = directory;
    this.images = images;
    this.keeper = keeper;
  }

  /**
   * Makes the images that situations ask for.
   *
   * @param changes shell commands that put files into the tree {@code /mnt/tree} of all images
   */
  static ConformanceSite of(List<Situation> situations, String changes)
      throws IOException, InterruptedException {
    TestSite site = TestSite.empty(); // builds the command, if need be
    Map<List<String>, String> images = new LinkedHashMap<>();
    for (Situation situation : situations) {
      images.computeIfAbsent(key(situation), key -> "c" + images.size());
    }
    for (Map.Entry<List<String>, String> image : images.entrySet()) {
      String name = image.getValue();
      site.image(
          name,
          "root = \"/mnt/root/"
              + name
              + "\"\nmounts = "
              + image.getKey().get(1)
              + "\n"
              + image.getKey().get(0)
              + "\n[launchers]\ndirectory = \"/mnt/names/"
              + name
              + "\"\nnames = [\"sh\", \"perl\", \"cat\", \"uname\"]\n[submit]\nscheduler = \"slurm\"\n");
    }
    Path script = Files.writeString(site.directory().resolve("sbatch"), SBATCH);
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(site.directory().resolve("image.sh"), changes);
    ProcessBuilder builder =
        new ProcessBuilder("unshare", "--mount", "--propagation", "private", "sh", "-c", MAKE);
    builder.environment().put("command", TestImages.command().toString());
    builder.environment().put("config", site.directory().toString());
    builder.environment().put("tree", TestImages.deb32().toString());
    builder.environment().put("images", String.join(" ", images.values()));
    builder.environment().put("programs", String.join(" ", PROGRAMS));
    Process keeper = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    assertThat(keeper.inputReader(StandardCharsets.US_ASCII).readLine()).isEqualTo("ready");
    Path directory = Files.createTempDirectory(Path.of("/tmp"), "syschroot-conformance");
    Files.setAttribute(directory, "unix:mode", 01777);
    Path local = Files.writeString(directory.resolve("inhere"), "#!/bin/sh\necho here\n");
    Files.setPosixFilePermissions(local, PosixFilePermissions.fromString("rwxr-xr-x"));
    site.close();
    return new ConformanceSite(directory, images, keeper);
  }

  private static List<String> key(Situation situation) {
    return List.of(situation.settings(), situation.mounts());
  }

  /** Returns whether a way has what the situation needs at all. */
  static boolean canBeExpressed(Situation situation, ConformanceWay way) {
    boolean options = !situation.options().isEmpty();
    return switch (way) {
      case RUN, CACHED, SCRIPT, SPAWN, EXEC -> true;
      case SYMBOLIC_LINK, IMAGE_LAUNCHER, SET_USER_ID_LAUNCHER -> !options;
      case COMMAND_LAUNCHER ->
          !options && situation.program().filter(PROGRAMS::contains).isPresent();
      case JOB ->
          !options
              && !situation.command().isEmpty()
              && situation.environment().stream().anyMatch(entry -> entry.startsWith(STUB));
    };
  }

  /**
   * Brings an ordinary user into the situation, with a runtime directory, who then calls {@code
   * run}.
   *
   * @param cached whether it is a further call of the same, which an earlier one has left compiled
   */
  Outcome outcomeOfUser(Situation situation, boolean cached)
      throws IOException, InterruptedException {
    Path input = Files.writeString(directory.resolve("input"), situation.input());
    Path runtime = directory.resolve("runtime");
    Program.of("rm", "-rf", "--one-file-system", runtime.toString()).run();
    Files.createDirectory(runtime);
    Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
    Files.setAttribute(runtime, "unix:uid", NOBODY);
    List<String> words = new ArrayList<>();
    words.addAll(
        List.of("/usr/bin/setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
    words.addAll(List.of("/usr/bin/env", "XDG_RUNTIME_DIR=" + runtime));
    words.addAll(
        words(
            situation,
            cached ? ConformanceWay.CACHED : ConformanceWay.RUN,
            images.get(key(situation))));
    return start(situation, words, input, cached ? first(input) : "");
  }

  /** Returns whether the last call of the ordinary user, or the one before, was compiled. */
  boolean isKeptForUser() throws IOException {
    Path starts = directory.resolve("runtime/syschroot/starts");
    if (!Files.exists(starts)) {
      return false;
    }
    try (Stream<Path> all = Files.list(starts)) {
      return all.anyMatch(Files::isRegularFile);
    }
  }

  /** Shell commands for the same start before, in the same mount namespace. */
  private static String first(Path input) {
    // What the shell tells of signals is told by the inner one.
    return "(exec < " + input + " > /dev/null 2>&1; \"$@\"; :)\n";
  }

  /** Brings a caller into the situation and lets it come in by a way. */
  Outcome outcome(Situation situation, ConformanceWay way)
      throws IOException, InterruptedException {
    String image = images.get(key(situation));
    Path input = Files.writeString(directory.resolve("input"), situation.input());
    List<String> words = words(situation, way, image);
    if (way == ConformanceWay.SCRIPT) {
      Outcome explained = start(situation, words, input, "");
      if (explained.status() != 0) {
        return explained;
      }
      Path script = Files.write(directory.resolve("plan.sh"), explained.out());
      words = List.of("/bin/sh", script.toString());
    }
    return start(situation, words, input, way == ConformanceWay.CACHED ? first(input) : "");
  }

  private Outcome start(Situation situation, List<String> words, Path input, String beforehand)
      throws IOException, InterruptedException {
    String image = images.get(key(situation));
    Driver driver = new Driver();
    List<String> environment = new ArrayList<>(situation.environment());
    environment.add("SITUATION_INPUT=" + input);
    driver.bytes("env", environment).bytes("directory", List.of(place(situation.directory())));
    if (situation.state().stream().noneMatch(line -> line.startsWith("signals "))) {
      driver.line("signals 0 0");
    }
    for (String line : situation.state()) {
      int place = line.indexOf('@');
      driver.line(
          place < 0 ? line : line.substring(0, place) + Driver.hex(place(line.substring(place))));
    }
    List<String> all = new ArrayList<>();
    all.addAll(
        List.of("nsenter", "--mount=/proc/" + keeper.pid() + "/ns/mnt", "unshare", "--mount"));
    all.addAll(List.of("--propagation", "unchanged", "sh", "-c"));
    all.add(
        "root=/mnt/root/" + image + "\n" + situation.prepare() + "\n" + beforehand + "exec \"$@\"");
    all.add("sh");
    all.addAll(driver.words(words, directory));
    return Program.of(all).input(input).run();
  }

  /** Returns a path; {@code @} at its beginning stands for the directory of this site. */
  private String place(String path) {
    return path.startsWith("@") ? directory + "/" + path.substring(1) : path;
  }

  private List<String> words(Situation situation, ConformanceWay way, String image)
      throws IOException {
    List<String> words = new ArrayList<>();
    String command = TestImages.command().toString();
    switch (way) {
      case RUN, CACHED, SCRIPT -> {
        words.add(command);
        words.addAll(
            switch (way) {
              case RUN -> List.of("run", TestSite.NO_CACHE);
              case CACHED -> List.of("run");
              default -> List.of("explain", "--format", "sh");
            });
        words.addAll(situation.options());
        words.add(image);
        if (!situation.command().isEmpty()) {
          words.add("--");
        }
        words.addAll(situation.command());
      }
      case SYMBOLIC_LINK -> {
        words.add("/mnt/links/" + image);
        words.addAll(situation.command());
      }
      case COMMAND_LAUNCHER -> {
        words.add("/mnt/names/" + image + "/" + situation.program().orElseThrow());
        words.addAll(situation.command().subList(1, situation.command().size()));
      }
      case IMAGE_LAUNCHER, SET_USER_ID_LAUNCHER -> {
        words.add((way == ConformanceWay.IMAGE_LAUNCHER ? "/mnt/whole/" : "/mnt/setuid/") + image);
        words.addAll(situation.command());
      }
      case SPAWN, EXEC -> {
        words.addAll(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                ConformanceProgram.class.getName(),
                way == ConformanceWay.SPAWN ? "spawn" : "exec",
                image));
        words.addAll(situation.options());
        words.add("--");
        situation.command().forEach(word -> words.add(Driver.hex(word)));
      }
      case JOB -> {
        Path script = directory.resolve("job.sh");
        Files.writeString(script, "#!/bin/sh\nexec \"$@\"\n");
        words.addAll(List.of(command, "submit", image, "--", script.toString()));
        words.addAll(situation.command());
      }
    }
    return words;
  }

  @Override
  public void close() throws IOException {
    keeper.getOutputStream().close();
    keeper.onExit().join();
    try {
      Program.of("rm", "-rf", "--one-file-system", directory.toString()).run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
