// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A configuration directory of a test, beneath the checkout, so that everything on the way to it
 * belongs to root.
 */
public final class TestSite implements AutoCloseable {
  private static final String STANDARD = "personality = \"linux32\"\nmounts = [\"standard\"]\n";

  /** The option by which a test of the JVM never meets what an earlier start has left. */
  static final String NO_CACHE = "--no-cache";

  /** The variables with which this JVM has called the command. */
  private static final Set<Map<String, String>> WARM = new HashSet<>();

  private final Path directory;
  private final @Nullable JavaRuntime java;

  private TestSite(Path directory, @Nullable JavaRuntime java) {
    this.directory = directory;
    this.java = java;
  }

  /** Makes a site without images. */
  public static TestSite empty() throws IOException, InterruptedException {
    Path parent = Files.createDirectories(TestImages.checkout().resolve("target/it"));
    Path directory =
        Files.createTempDirectory(
            parent,
            "site",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    Files.createDirectory(directory.resolve("images.d"));
    TestSite site = new TestSite(directory, null);
    site.warmUp();
    return site;
  }

  /** Makes a site with the image {@code deb32} and the standard mounts. */
  public static TestSite withDeb32() throws IOException, InterruptedException {
    TestSite site = empty();
    site.image(TestImages.DEB32, "root = \"" + TestImages.deb32() + "\"\n" + STANDARD);
    return site;
  }

  /** Returns this site, with commands started by a certain Java. */
  public TestSite with(JavaRuntime runtime) throws IOException, InterruptedException {
    TestSite site = new TestSite(directory, runtime);
    site.warmUp();
    return site;
  }

  /** The first start builds what sources have changed, and the first of each Java an archive. */
  private void warmUp() throws IOException, InterruptedException {
    synchronized (WARM) {
      if (WARM.contains(variables())) {
        return;
      }
      Outcome outcome =
          Program.of(TestImages.command().toString(), "--version").with(variables()).run();
      assertThat(outcome.status()).as("%s", outcome).isZero();
      WARM.add(variables());
    }
  }

  public Path directory() {
    return directory;
  }

  /** Writes the settings of an image. */
  public Path image(String name, String settings) throws IOException {
    return Files.writeString(file(name), settings);
  }

  /** Returns where jars of the site belong; it need not be there. */
  Path lib() {
    return directory.resolve("lib");
  }

  public Path file(String name) {
    return directory.resolve("images.d").resolve(name + ".toml");
  }

  /** Returns the variables that select the Java. */
  Map<String, String> variables() {
    Map<String, String> variables = new HashMap<>();
    if (java != null) {
      variables.put("JAVA_HOME", java.home().toString());
    }
    return variables;
  }

  /** Returns the words of {@code syschroot SUBCOMMAND --config ... WORDS}. */
  public List<String> wordsOf(String subcommand, String... words) {
    List<String> all = new ArrayList<>();
    all.add(TestImages.command().toString());
    all.add(subcommand);
    all.add("--config");
    all.add(directory.toString());
    all.addAll(List.of(words));
    return all;
  }

  /** Returns the words of {@code syschroot run --config ... WORDS}, for the way by the JVM. */
  public List<String> words(String... words) {
    List<String> all = new ArrayList<>();
    all.add(TestImages.command().toString());
    all.add("run");
    all.add(NO_CACHE);
    all.add("--config");
    all.add(directory.toString());
    all.addAll(List.of(words));
    return all;
  }

  /** Returns {@code syschroot run} with these words. */
  public Program program(String... words) {
    return Program.of(words(words)).with(variables());
  }

  /** Runs {@code syschroot run} with these words. */
  public Outcome run(String... words) throws IOException, InterruptedException {
    return program(words).run();
  }

  @Override
  public void close() throws IOException {
    for (Path place : List.of(directory.resolve("images.d"), lib(), directory)) {
      if (!Files.exists(place)) {
        continue;
      }
      List<Path> files;
      try (var entries = Files.list(place)) {
        files = entries.toList();
      }
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(place);
    }
  }
}
