// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.start;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.kernel.Accounts;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.trust.WholeFile;

/**
 * {@code syschroot rehearse}, called by the start script alone: goes through a switch without
 * making it, and ends normally, so that the JVM can archive the classes which a switch needs. A
 * real one never ends normally.
 */
public final class ArchiveRehearsal {
  private static final String SETTINGS =
      """
      description = "rehearsal"
      root = "%s"
      aliases = ["trial"]
      personality = ["linux32"]
      cwd = "home"
      mounts = ["standard", "/usr:/usr:ro,optional"]
      drop-capabilities = ["sys_module"]
      nofile = 1024
      [environment]
      set = { REHEARSAL = "1" }
      unset = ["LD_PRELOAD"]
      """;

  // Beneath the root, deepest last: nothing can be mounted where there is no directory.
  private static final List<String> MOUNT_POINTS =
      List.of("dev", "dev/pts", "dev/shm", "proc", "sys", "tmp", "usr", "selinux");

  // Where nothing is mounted no mount can be verified, so it takes an image without to go on to the
  // end.
  private static final String BARE_SETTINGS = "root = \"%s\"\nmounts = []\n";

  // What a plan can be kept of for the next start, for which it takes no other setting.
  private static final String KEPT_SETTINGS = "root = \"%s\"\npersonality = \"linux32\"\n";

  // Whatever holds squashfs begins with this. It cannot be mounted, which nobody tries here.
  private static final String FILESYSTEM = "hsqs";

  // What is not reached where nothing is mounted in earnest.
  private static final List<String> BEYOND =
      List.of(
          "org.syschroot.start.StartCache$Aged",
          "org.syschroot.trust.NewDirectory",
          "org.syschroot.kernel.LoopCalls$Device",
          "org.syschroot.mounts.HeldFile",
          // No launcher is created beneath /tmp.
          "org.syschroot.launcher.PlanText",
          "org.syschroot.launcher.LaunchCompiler",
          "org.syschroot.launcher.LauncherListing",
          "org.syschroot.launcher.LauncherReader",
          "org.syschroot.launcher.LauncherWriter");

  // A start is not recorded whose configuration has only just been written.
  private static final int MILLISECONDS_OF_NEW_FILES = 50;

  /** Runs a command. */
  @FunctionalInterface
  public interface Commands {
    /**
     * Runs the command of some words.
     *
     * @return its exit status
     */
    int execute(List<OsString> words, Console console, Kernel kernel);
  }

  private final Kernel kernel;
  private final Commands commands;

  public ArchiveRehearsal(Kernel kernel, Commands commands) {
    this.kernel = kernel;
    this.commands = commands;
  }

  public int run() throws IOException {
    Path directory = Files.createTempDirectory("syschroot-rehearsal");
    Path images = directory.resolve("images.d");
    Path root = directory.resolve("root");
    Path settings = images.resolve("rehearsal.toml");
    Path bareSettings = images.resolve("bare.toml");
    Path keptSettings = images.resolve("kept.toml");
    Path file = directory.resolve("file");
    Path fileSettings = images.resolve("file.toml");
    try {
      Files.createDirectory(images);
      Files.createDirectory(root);
      for (String place : MOUNT_POINTS) {
        Files.createDirectory(root.resolve(place));
      }
      Files.writeString(settings, String.format(SETTINGS, root));
      Files.writeString(bareSettings, String.format(BARE_SETTINGS, root));
      Files.writeString(keptSettings, String.format(KEPT_SETTINGS, root));
      Files.writeString(file, FILESYSTEM);
      Files.writeString(fileSettings, String.format(BARE_SETTINGS, file));
      Console nowhere = new Console(new ByteArrayOutputStream(), new ByteArrayOutputStream());
      String config = directory.toString();
      Kernel looking = new RehearsalKernel(kernel);
      leaveStarts(directory, settings);
      for (String command : List.of("run", "explain")) {
        for (String image : List.of("rehearsal", "bare")) {
          commands.execute(
              words(
                  command,
                  "--config",
                  config,
                  "--env",
                  "A=b",
                  "--directory",
                  "/",
                  image,
                  "--",
                  "true",
                  "argument"),
              nowhere,
              looking);
        }
      }
      // Without --directory the caller's directory is compared with the image's.
      commands.execute(words("run", "--config", config, "bare", "--", "true"), nowhere, looking);
      commands.execute(
          words("run", "--config", config, "--throw-away", "rehearsal", "--", "true"),
          nowhere,
          looking);
      commands.execute(words("run", "--config", config, "file", "--", "true"), nowhere, looking);
      // Both as a compiled plan: kept for the next start, and executed from memory. Of that nothing
      // is written here either, and what is empty cannot be executed.
      commands.execute(words("run", "--config", config, "kept", "--", "true"), nowhere, looking);
      commands.execute(
          words("run", "--config", config, "--rootless", "kept", "--", "true"), nowhere, looking);
      commands.execute(words("list", "--config", config), nowhere, looking);
      // Others are called as often, one after the other, though not before each command of a user.
      commands.execute(words("status", "--config", config), nowhere, looking);
      commands.execute(words("mount", "--config", config, "--dry-run"), nowhere, looking);
      commands.execute(words("umount", "--config", config, "--dry-run"), nowhere, looking);
      for (String format : List.of("--json", "--verbose")) {
        commands.execute(words("doctor", "--config", config, format), nowhere, looking);
      }
      // As link asks for the owners of files.
      Accounts.ofHost().user("root");
      writeInEarnest(HostPath.of(directory).value());
      for (String one : BEYOND) {
        Class.forName(one);
      }
      return ExitStatus.OK;
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    } finally {
      for (int i = MOUNT_POINTS.size() - 1; i >= 0; i--) {
        Files.deleteIfExists(root.resolve(MOUNT_POINTS.get(i)));
      }
      for (Path made :
          List.of(
              settings, bareSettings, keptSettings, fileSettings, file, images, root, directory)) {
        Files.deleteIfExists(made);
      }
    }
  }

  /** Writes a file as that of a plan is, which is put where there is none. */
  private void writeInEarnest(OsString path) throws IOException {
    OsString name = OsString.of("entry");
    int directory = kernel.openat(Kernel.AT_FDCWD, path, OpenFlags.O_DIRECTORY, 0);
    try {
      WholeFile.replaceIn(kernel, directory, name, new byte[0], 0600);
      kernel.unlinkat(directory, name, 0);
    } finally {
      kernel.close(directory);
    }
  }

  /** Has plans recorded as by the start script's call, though nothing is written. */
  private static void leaveStarts(Path directory, Path program) throws IOException {
    Instant newer = Files.getLastModifiedTime(program).toInstant().plusSeconds(2);
    System.setProperty("syschroot.start.file", hex(directory.resolve("syschroot/starts/trial")));
    System.setProperty("syschroot.start.program", hex(program));
    System.setProperty("syschroot.start.time", Long.toString(newer.getEpochSecond()));
    try {
      Thread.sleep(MILLISECONDS_OF_NEW_FILES);
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    }
  }

  private static String hex(Path path) {
    return HexFormat.of().formatHex(path.toString().getBytes(UTF_8));
  }

  private static List<OsString> words(String... words) {
    return Arrays.stream(words).map(OsString::of).toList();
  }
}
