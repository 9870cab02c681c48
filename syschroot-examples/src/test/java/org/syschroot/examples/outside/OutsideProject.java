// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.outside;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A project of somebody else, built by Maven from what a local repository has after {@code mvn
 * install}: a view of this machine's, with the modules as this build has packaged them.
 */
final class OutsideProject {
  static final Path CHECKOUT =
      Path.of(System.getProperty("syschroot.tests.checkout")).toAbsolutePath().normalize();
  private static final String VERSION = "0.1.0-SNAPSHOT";
  private static final List<String> MODULES =
      List.of("syschroot-core", "syschroot-mounts", "syschroot-junit");

  private final Path directory;
  private final Path repository;

  /** Makes the repository, and an empty directory for the project. */
  OutsideProject(Path parent) throws IOException {
    directory = Files.createDirectories(parent.resolve("project"));
    repository = Files.createDirectories(parent.resolve("repository"));
    Path machines =
        Path.of(
            System.getProperty(
                "localRepository", System.getProperty("user.home") + "/.m2/repository"));
    link(machines, repository, "org");
    link(machines.resolve("org"), Files.createDirectory(repository.resolve("org")), "syschroot");
    Files.copy(CHECKOUT.resolve("pom.xml"), artifact("syschroot", ".pom"));
    Files.copy(CHECKOUT.resolve("syschroot-bom/pom.xml"), artifact("syschroot-bom", ".pom"));
    for (String module : MODULES) {
      Path target = CHECKOUT.resolve(module).resolve("target");
      Files.copy(CHECKOUT.resolve(module).resolve("pom.xml"), artifact(module, ".pom"));
      Files.copy(target.resolve(module + "-" + VERSION + ".jar"), artifact(module, ".jar"));
    }
    String tests = "-tests.jar";
    Files.copy(
        CHECKOUT.resolve("syschroot-core/target/syschroot-core-" + VERSION + tests),
        artifact("syschroot-core", tests));
  }

  private static void link(Path from, Path to, String except) throws IOException {
    try (Stream<Path> entries = Files.list(from)) {
      for (Path entry : entries.toList()) {
        String name = entry.getFileName().toString();
        if (!name.equals(except)) {
          Files.createSymbolicLink(to.resolve(name), entry);
        }
      }
    }
  }

  private Path artifact(String name, String suffix) throws IOException {
    Path place = repository.resolve("org/syschroot").resolve(name).resolve(VERSION);
    return Files.createDirectories(place).resolve(name + "-" + VERSION + suffix);
  }

  /** Deletes the links into the machine's repository, and nothing behind them. */
  void deleteRepository() throws IOException {
    try (Stream<Path> files = Files.walk(repository)) {
      for (Path one : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    }
  }

  Path directory() {
    return directory;
  }

  /** Adds a file. */
  OutsideProject file(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    return this;
  }

  /** Adds the files below a directory of the checkout. */
  OutsideProject copy(String from, String to) throws IOException {
    Path source = CHECKOUT.resolve(from);
    try (Stream<Path> files = Files.walk(source)) {
      for (Path one : files.filter(Files::isRegularFile).toList()) {
        Path target = directory.resolve(to).resolve(source.relativize(one).toString());
        Files.createDirectories(target.getParent());
        Files.copy(one, target);
      }
    }
    return this;
  }

  /** Returns a block of a page: the one of a language that contains a text. */
  static String block(String page, String language, String text) throws IOException {
    Matcher blocks =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(CHECKOUT.resolve("docs").resolve(page)));
    while (blocks.find()) {
      if (blocks.group(1).contains(text)) {
        return blocks.group(1);
      }
    }
    throw new AssertionError(page + " has no such block with " + text);
  }

  /** Runs Maven, and returns what it prints. */
  String maven(String... arguments) throws IOException, InterruptedException {
    return maven(Path.of(System.getProperty("java.home")), arguments);
  }

  /** Runs Maven with a JDK, and returns what it prints. */
  String maven(Path jdk, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("mvn", "-o", "-B", "-ntp"));
    command.add("-Dmaven.repo.local=" + repository);
    command.addAll(List.of(arguments));
    return run(jdk, command);
  }

  /** Runs a command in the project's directory, and returns what it prints. */
  String run(Path jdk, List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", jdk.toString());
    builder.environment().merge("PATH", jdk + "/bin", (path, first) -> first + ":" + path);
    builder.environment().keySet().removeIf(name -> name.startsWith("MAVEN_"));
    Process process = builder.start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return text + "exit status " + process.waitFor() + "\n";
  }
}
