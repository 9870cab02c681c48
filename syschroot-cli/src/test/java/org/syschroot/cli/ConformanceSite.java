// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static java.util.Objects.requireNonNull;
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
import org.jspecify.annotations.Nullable;

/**
 * One image for each setting of a list of situations, all of the same real Debian, and every way
 * into them, in a mount namespace that a process of this site keeps and that vanishes with it. Not
 * thread-safe.
 */
final class ConformanceSite implements AutoCloseable {
  private static final List<String> PROGRAMS = List.of("sh", "perl", "cat", "uname");
  private static final int NOBODY = 65534;
  private static final String STARTS = "/run/syschroot/starts";
  private static final String STUB = "PATH=/mnt/stub:";
  private static final String MAKE =
      """
      set -e
      mount -t tmpfs -o mode=755 none /mnt
      mkdir /mnt/base /mnt/base/up /mnt/base/work /mnt/tree /mnt/root /mnt/etc /mnt/etc/up /mnt/etc/work \\
          /mnt/names /mnt/setuid /mnt/links /mnt/stub /mnt/data
      mount -t overlay -o "lowerdir=$tree,upperdir=/mnt/base/up,workdir=/mnt/base/work" none /mnt/tree
      mount -t overlay -o lowerdir=/etc,upperdir=/mnt/etc/up,workdir=/mnt/etc/work none /etc
      mkdir -p /etc/syschroot /run/syschroot
      mount -t tmpfs -o mode=755 none /run/syschroot
      cp -r "$config/images.d" /etc/syschroot
      cp "$config/sbatch" /mnt/stub/sbatch
      ln -s data /mnt/hl
      mkdir -p /mnt/tree/usr/local/bin
      sh "$config/image.sh"
      for image in $images; do
        mkdir "/mnt/root/$image"
        mount --bind /mnt/tree "/mnt/root/$image"
        ln -s "$command" "/mnt/links/$image"
      done
      "$command" mount --quiet --all
      for image in $images; do
        mkdir "/mnt/names/$image" "/mnt/setuid/$image"
        sed -i -e "s:/mnt/names:/mnt/setuid:" -e "s:^names = .*:names = [\\"$image\\"]:" \\
            "/etc/syschroot/images.d/$image.toml"
      done
      "$command" link --setuid --all > /dev/null
      cp -r "$config/images.d" /etc/syschroot
      "$command" link --all > /dev/null
      for image in $images; do
        mkdir -p "/mnt/conf/$image"
        cp "/etc/syschroot/images.d/$image.toml" "/mnt/conf/$image"
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
  private final Path runtime;
  private final Process keeper;
  private @Nullable Process surroundings;
  private @Nullable Situation situation;

  private ConformanceSite(Path directory, Map<List<String>, String> images, Process keeper) {
    this.directory = directory;
    this.images = images;
    this.runtime = directory.resolve("runtime");
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
              + "\"\nnames = [\""
              + String.join("\", \"", PROGRAMS)
              + "\", \""
              + name
              + "\"]\n[submit]\nscheduler = \"slurm\"\n");
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
   * Brings callers into a situation, until the next one. Only its own image is configured there, so
   * that not every JVM reads the settings of all.
   */
  void enter(Situation next) throws IOException, InterruptedException {
    leave();
    Program.of("rm", "-rf", "--one-file-system", runtime.toString()).run();
    Files.createDirectory(runtime);
    Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
    Files.setAttribute(runtime, "unix:uid", NOBODY);
    String image = images.get(key(next));
    ProcessBuilder builder = new ProcessBuilder(inNamespaceOf(keeper));
    builder.command().addAll(List.of("unshare", "--mount", "--propagation", "unchanged"));
    builder.command().addAll(List.of("sh", "-c"));
    builder
        .command()
        .add(
            "set -e\nroot=/mnt/root/"
                + image
                + "\nmount --bind /mnt/conf/"
                + image
                + " /etc/syschroot/images.d\n"
                + next.prepare()
                + "\nrm -rf "
                + STARTS
                + "\necho ready; exec cat");
    Process entered = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    surroundings = entered;
    situation = next;
    assertThat(entered.inputReader(StandardCharsets.US_ASCII).readLine()).isEqualTo("ready");
  }

  private void leave() throws IOException {
    Process left = surroundings;
    if (left != null) {
      left.getOutputStream().close();
      left.onExit().join();
      surroundings = null;
    }
  }

  private static List<String> inNamespaceOf(Process process) {
    return new ArrayList<>(List.of("nsenter", "--mount=/proc/" + process.pid() + "/ns/mnt"));
  }

  /** Forgets the starts of root that were left compiled in the situation. */
  void forget() throws IOException, InterruptedException {
    List<String> words = inNamespaceOf(requireNonNull(surroundings));
    words.addAll(List.of("rm", "-rf", STARTS));
    assertThat(Program.of(words).run()).hasToString("status 0\nout: \nerr: ");
  }

  /**
   * Lets an ordinary user, with a runtime directory, call {@code run} in the situation: at first by
   * Java, then what that start has left compiled.
   */
  Outcome outcomeOfUser() throws IOException, InterruptedException {
    List<String> words = new ArrayList<>();
    words.addAll(
        List.of("/usr/bin/setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
    words.addAll(List.of("/usr/bin/env", "XDG_RUNTIME_DIR=" + runtime));
    words.addAll(words(ConformanceWay.RUN));
    return start(words);
  }

  /** Returns whether an earlier start of the ordinary user was left compiled. */
  boolean isKeptForUser() throws IOException {
    return isKeptIn(runtime.resolve("syschroot/starts"));
  }

  /** Returns whether an earlier start of root was left compiled in the situation. */
  boolean isKept() throws IOException {
    return isKeptIn(Path.of("/proc/" + requireNonNull(surroundings).pid() + "/root" + STARTS));
  }

  private static boolean isKeptIn(Path starts) throws IOException {
    if (!Files.exists(starts)) {
      return false;
    }
    try (Stream<Path> all = Files.list(starts)) {
      return all.anyMatch(Files::isRegularFile);
    }
  }

  /**
   * Lets a caller in the situation come in by a way. A start by {@code run} or a symbolic link is
   * by Java if it is the first, and else by what that has left compiled.
   */
  Outcome outcome(ConformanceWay way) throws IOException, InterruptedException {
    List<String> words = words(way);
    if (way == ConformanceWay.SCRIPT) {
      Outcome explained = start(words);
      if (explained.status() != 0) {
        return explained;
      }
      Path script = Files.write(directory.resolve("plan.sh"), explained.out());
      words = List.of("/bin/sh", script.toString());
    }
    return start(words);
  }

  private Outcome start(List<String> words) throws IOException, InterruptedException {
    Situation present = requireNonNull(situation);
    Path input = Files.writeString(directory.resolve("input"), present.input());
    Driver driver = new Driver();
    List<String> environment = new ArrayList<>(present.environment());
    environment.add("SITUATION_INPUT=" + input);
    driver.bytes("env", environment).bytes("directory", List.of(place(present.directory())));
    if (present.state().stream().noneMatch(line -> line.startsWith("signals "))) {
      driver.line("signals 0 0");
    }
    for (String line : present.state()) {
      int place = line.indexOf('@');
      driver.line(
          place < 0 ? line : line.substring(0, place) + Driver.hex(place(line.substring(place))));
    }
    List<String> all = inNamespaceOf(requireNonNull(surroundings));
    all.addAll(driver.words(words, directory));
    return Program.of(all).input(input).run();
  }

  /** Returns a path; {@code @} at its beginning stands for the directory of this site. */
  private String place(String path) {
    return path.startsWith("@") ? directory + "/" + path.substring(1) : path;
  }

  private List<String> words(ConformanceWay way) throws IOException {
    Situation present = requireNonNull(situation);
    String image = images.get(key(present));
    List<String> words = new ArrayList<>();
    String command = TestImages.command().toString();
    switch (way) {
      case RUN, CACHED, SCRIPT -> {
        words.add(command);
        words.addAll(
            way == ConformanceWay.SCRIPT ? List.of("explain", "--format", "sh") : List.of("run"));
        words.addAll(present.options());
        words.add(image);
        if (!present.command().isEmpty()) {
          words.add("--");
        }
        words.addAll(present.command());
      }
      case SYMBOLIC_LINK -> {
        words.add("/mnt/links/" + image);
        words.addAll(present.command());
      }
      case COMMAND_LAUNCHER -> {
        words.add("/mnt/names/" + image + "/" + present.program().orElseThrow());
        words.addAll(present.command().subList(1, present.command().size()));
      }
      case IMAGE_LAUNCHER, SET_USER_ID_LAUNCHER -> {
        String kind = way == ConformanceWay.IMAGE_LAUNCHER ? "/mnt/names/" : "/mnt/setuid/";
        words.add(kind + image + "/" + image);
        words.addAll(present.command());
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
        words.addAll(present.options());
        words.add("--");
        present.command().forEach(word -> words.add(Driver.hex(word)));
      }
      case JOB -> {
        Path script = directory.resolve("job.sh");
        Files.writeString(script, "#!/bin/sh\nexec \"$@\"\n");
        words.addAll(List.of(command, "submit", image, "--", script.toString()));
        words.addAll(present.command());
      }
    }
    return words;
  }

  @Override
  public void close() throws IOException {
    leave();
    keeper.getOutputStream().close();
    keeper.onExit().join();
    try {
      Program.of("rm", "-rf", "--one-file-system", directory.toString()).run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
