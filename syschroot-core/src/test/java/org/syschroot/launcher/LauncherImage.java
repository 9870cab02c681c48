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
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.Machine;
import org.syschroot.path.HostPath;

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

    List<String> lines() {
      return out.lines().toList();
    }
  }

  LauncherImage() throws IOException {
    folder = Files.createTempDirectory("syschroot-launcher");
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
  Launchers plain() {
    return Launchers.plain(root.toString());
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
