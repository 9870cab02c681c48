// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.syschroot.cli.JavaRuntime;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;

/**
 * One image, a Java that can be taken away, and a user's runtime directory. Whether a start is a
 * cached one shows where there is no Java any more.
 */
final class CachedStarts {
  static final int NOBODY = 65534;
  static final String NO_JAVA = "has no bin/java";
  private static final String SETTINGS = "root = \"%s\"\nmounts = [\"standard\"]\n%s";

  final TestSite site;
  final JavaRuntime java;
  final Path home;
  final Path runtime;
  final String image;

  CachedStarts() throws Exception {
    site = TestSite.empty();
    java = JavaRuntime.matrix().findFirst().orElseThrow();
    image = "cached" + System.nanoTime();
    site.image(image, settings(""));
    home = Files.createDirectory(site.directory().resolve("java"));
    Files.createSymbolicLink(home.resolve("lib"), java.home().resolve("lib"));
    Files.createSymbolicLink(home.resolve("release"), java.home().resolve("release"));
    runtime = Files.createDirectory(site.directory().resolve("runtime"));
    Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
    Files.setAttribute(runtime, "unix:uid", NOBODY);
  }

  void remove() throws Exception {
    for (Path entry : entriesOf(Path.of("/run"))) {
      Files.delete(entry);
    }
    Program.of("rm", "-rf", "--one-file-system", site.directory().toString()).run();
  }

  static String settings(String further) throws Exception {
    return String.format(SETTINGS, TestImages.deb32(), further);
  }

  List<String> words(boolean asRoot, String... words) {
    List<String> all = new ArrayList<>();
    if (!asRoot) {
      all.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
    }
    all.addAll(List.of("env", "JAVA_HOME=" + home, "XDG_RUNTIME_DIR=" + runtime));
    all.add(TestImages.command().toString());
    all.add(words[0]);
    all.addAll(List.of("--config", site.directory().toString()));
    all.addAll(List.of(words).subList(1, words.length));
    return all;
  }

  Outcome with(List<String> words) throws Exception {
    Path programs = home.resolve("bin");
    Files.createSymbolicLink(programs, java.home().resolve("bin"));
    try {
      return Program.of(words).run();
    } finally {
      Files.delete(programs);
    }
  }

  Outcome withJava(boolean asRoot, String... words) throws Exception {
    return with(words(asRoot, words));
  }

  Outcome withoutJava(boolean asRoot, String... words) throws Exception {
    return Program.of(words(asRoot, words)).run();
  }

  void requireCached(boolean asRoot, String... words) throws Exception {
    assertThat(withoutJava(asRoot, words)).hasToString("status 0\nout: \nerr: ");
  }

  void requireNotCached(boolean asRoot, String... words) throws Exception {
    Outcome outcome = withoutJava(asRoot, words);
    assertThat(outcome.errText()).contains(NO_JAVA);
    assertThat(outcome.status()).isEqualTo(125);
  }

  List<Path> entriesOf(Path place) throws IOException {
    Path directory = place.resolve("syschroot/starts");
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.getFileName().toString().startsWith(image)).toList();
    }
  }

  Path entry(boolean asRoot) throws IOException {
    List<Path> entries = entriesOf(asRoot ? Path.of("/run") : runtime);
    assertThat(entries).hasSize(1);
    return entries.get(0);
  }

  void prime(boolean asRoot) throws Exception {
    assertThat(withJava(asRoot, "run", image, "--", "true")).hasToString("status 0\nout: \nerr: ");
    requireCached(asRoot, "run", image, "--", "true");
  }
}
