// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.Machine;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * A small image with launchers beside it, and a directory that both have. All of it belongs to root
 * and is removed at the end. Not thread-safe.
 */
final class LauncherImage implements AutoCloseable {
  static final int NOBODY = 65534;

  private final Path folder;
  private final Path root;
  private final Map<String, String> environment = new LinkedHashMap<>();

  /** What a call did; standard output and error are Latin-1. */
  record Outcome(int status, String out, String err) {
    Outcome isOk() {
      assertThat(status).as(out + err).isZero();
      assertThat(err).isEmpty();
      return this;
    }

    /** As {@link #isOk}, for callers who may write in a directory that the image has not. */
    Outcome isOkInOtherDirectory() {
      assertThat(status).as(out + err).isZero();
      assertThat(err)
          .matches(
              "syschroot: sl5: (.*) in the image is not \\1 of the host: files you write"
                  + " here stay in the image\n");
      return this;
    }

    List<String> lines() {
      return out.lines().toList();
    }
  }

  /** Not below /tmp: an image there is refused, since users can write there. */
  LauncherImage() throws IOException {
    this(Path.of("/var/lib"));
  }

  LauncherImage(Path parent) throws IOException {
    folder = Files.createTempDirectory(parent, "syschroot-launcher");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    root = Files.createDirectory(folder.resolve("image"));
    Path bin = Files.createDirectory(root.resolve("bin"));
    Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
    for (String applet :
        List.of("sh", "ash", "bash", "cat", "id", "uname", "env", "printf", "wc", "pwd", "ls")) {
      Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
    }
    program("bin/exit42", SmallProgram.exit(Machine.current(), 42));
    Files.createDirectory(work());
    Files.createDirectories(inImage(work()));
    environment.put("PATH", "/nowhere:/bin");
  }

  Path folder() {
    return folder;
  }

  Path root() {
    return root;
  }

  /** Returns a directory that the native system and the image both have. */
  Path work() {
    return folder.resolve("work");
  }

  Path inImage(Path path) {
    return root.resolve(path.toString().substring(1));
  }

  /** Returns the plainest plan for this image. */
  Launchers plain() throws IOException {
    return Launchers.plain(root.toString()).here(LinuxKernel.running());
  }

  Path program(String name, byte[] bytes) throws IOException {
    return executable(root.resolve(name), bytes);
  }

  Path executable(Path path, byte[] bytes) throws IOException {
    Files.createDirectories(path.getParent());
    Files.write(path, bytes);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    return path;
  }

  LauncherImage set(String name, String value) {
    environment.put(name, value);
    return this;
  }

  Path write(String name, Launchers launchers) throws IOException {
    return write(name, launchers, LauncherAccess.forEveryone());
  }

  Path write(String name, Launchers launchers, LauncherAccess access) throws IOException {
    Path path = folder.resolve(name);
    new LauncherWriter(LinuxKernel.running())
        .write(HostPath.of(path.toString()), launchers.plan(), Machine.current(), access);
    return path;
  }

  /** Writes what a launcher would be, without asking whether it may be one. */
  Path arm(String name, byte[] bytes, LaunchPlan plan) throws IOException {
    Path path = executable(folder.resolve(name), bytes);
    Kernel kernel = LinuxKernel.running();
    int fd = kernel.openat(Kernel.AT_FDCWD, OsString.of(path.toString()), OpenFlags.O_RDONLY, 0);
    try {
      kernel.fchmod(fd, LauncherAccess.forEveryone().mode(plan.privilege()));
      if (plan.privilege() == Privilege.FILE_CAPABILITY) {
        byte[] capabilities = FileCapabilities.effective(plan.fileCapabilities()).toBytes();
        kernel.fsetxattr(fd, FileCapabilities.ATTRIBUTE, capabilities);
      }
    } finally {
      kernel.close(fd);
    }
    return path;
  }

  Path arm(String name, Launchers launchers) throws IOException {
    return arm(name, LaunchCompiler.compile(launchers.plan(), Machine.current()), launchers.plan());
  }

  /** Runs a program as an ordinary user in {@link #work}. */
  Outcome user(Path program, String... arguments) throws IOException {
    return user("exec \"$0\" \"$@\"", work(), program, arguments);
  }

  /** Runs lines of bash as an ordinary user, {@code $0} being the program. */
  Outcome user(String lines, Path directory, Path program, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "bash", "-c"));
    command.add(lines);
    command.add(program.toString());
    command.addAll(List.of(arguments));
    return run(command, directory);
  }

  Outcome run(List<String> command, Path directory) throws IOException {
    Path out = Files.createTempFile("launcher", ".out");
    Path err = Files.createTempFile("launcher", ".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectInput(new File("/dev/null"))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().clear();
      builder.environment().putAll(environment);
      builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin:/nowhere");
      int status = builder.start().waitFor();
      return new Outcome(
          status,
          Files.readString(out, StandardCharsets.ISO_8859_1),
          Files.readString(err, StandardCharsets.ISO_8859_1));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
