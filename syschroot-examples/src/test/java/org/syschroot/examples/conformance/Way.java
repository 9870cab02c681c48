// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.plan.UserIds;
import org.syschroot.testing.BusyboxImage;

/**
 * A way to start a command: the host's {@code busybox} by {@link ProcessBuilder}, or that of an
 * image by the library. Files below {@link #directory()} have the same names by both.
 */
abstract class Way {
  static final String BUSYBOX = "/bin/busybox";

  private final Path directory;
  private final Path root;

  private Way(Path directory, Path root) {
    this.directory = directory;
    this.root = root;
  }

  /** Returns the way whose {@link #toString} is this. */
  static Way named(String name, Path directory, Path root) throws IOException {
    return switch (name) {
      case "jdk" -> jdk(directory, root);
      case "image" -> image(directory, root);
      default -> rootless(directory, root);
    };
  }

  /** Returns the way of the JDK. */
  static Way jdk(Path directory, Path root) {
    return new Way(directory, root) {
      @Override
      ChildBuilder command(List<String> words) {
        return new JdkChild(words);
      }

      @Override
      public String toString() {
        return "jdk";
      }
    };
  }

  /** Returns the way of the library, in a JVM of root. */
  static Way image(Path directory, Path root) throws IOException {
    return library(directory, root, "image", request -> request);
  }

  /** Returns the way of the library that takes no privilege. */
  static Way rootless(Path directory, Path root) throws IOException {
    return library(directory, root, "rootless", request -> request.rootless(UserIds.KEPT));
  }

  private static Way library(
      Path directory, Path root, String name, UnaryOperator<SwitchRequest> options)
      throws IOException {
    Image image = BusyboxImage.settings(root).mounts(MountPlan.standard()).build();
    Syschroot syschroot = Syschroot.of(ImageCatalog.of(List.of(image)));
    return new Way(directory, root) {
      @Override
      ChildBuilder command(List<String> words) {
        return new ImageChild(syschroot, options.apply(SwitchRequest.in(image).command(words)));
      }

      @Override
      public String toString() {
        return name;
      }
    };
  }

  /** Returns a command that starts in the JVM's directory. */
  abstract ChildBuilder command(List<String> words);

  /** Returns a command that starts in {@code /}. */
  final ChildBuilder run(String... words) {
    return command(List.of(words)).directory("/");
  }

  /** Returns a script that starts in {@code /}. */
  final ChildBuilder shell(String script, String... arguments) {
    List<String> words = new java.util.ArrayList<>(List.of(BUSYBOX, "sh", "-c", script, "sh"));
    words.addAll(List.of(arguments));
    return command(words).directory("/");
  }

  /** Returns where files of this way can be. */
  final Path directory() {
    return directory;
  }

  /** Returns the image's root directory, also for the way that does not use it. */
  final Path root() {
    return root;
  }

  /** Returns the path of a file with a text. */
  final Path file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  /** Returns the standard output of a script that has nothing to read. */
  final String output(String script) throws IOException {
    return output(shell(script));
  }

  static String output(ChildBuilder builder) throws IOException {
    Process process = builder.start();
    process.getOutputStream().close();
    return text(process);
  }

  /** Returns what a process writes until nobody can write any more. */
  static String text(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** Returns what it writes to standard error. */
  static String error(Process process) throws IOException {
    return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  static void write(Process process, String text) throws IOException {
    process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  /** Returns what is returned, or the kind of what is thrown. */
  static String outcome(Callable<?> body) {
    try {
      return String.valueOf(body.call());
    } catch (IOException e) {
      return "IOException";
    } catch (Exception e) {
      return e.getClass().getSimpleName();
    }
  }
}
