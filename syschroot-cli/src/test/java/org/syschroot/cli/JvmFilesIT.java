// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** What a JVM would take from its surroundings: the directory of a user, and the environment. */
class JvmFilesIT {
  @TempDir private Path directory;

  private Outcome version(Map<String, String> variables, String... before) throws Exception {
    String[] words = Stream.of(before).toArray(String[]::new);
    return Program.of(
            Stream.concat(Stream.of(words), Stream.of(TestImages.command().toString(), "--version"))
                .toList())
        .in(directory)
        .with(variables)
        .run();
  }

  private static void assertUndisturbed(Outcome outcome) {
    assertThat(outcome.outText()).as("%s", outcome).matches("syschroot [^\n]+\n");
    assertThat(outcome.errText()).isEmpty();
    assertThat(outcome.status()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {".hotspotrc", ".hotspot_compiler", "java.opts", "jvm.cfg", "lib"})
  void start_fileOfAJvmInTheCurrentDirectory_isNeitherReadNorMentioned(String name)
      throws Exception {
    Files.writeString(directory.resolve(name), "+PrintFlagsFinal\n-version\nprint *.*\n");
    assertUndisturbed(version(Map.of()));
  }

  @Test
  @RequiresRoot
  @RequiresCommand("strace")
  void start_currentDirectoryOfAUser_noFileIsOpenedThere() throws Exception {
    Files.setAttribute(directory, "unix:uid", 54321);
    Path trace = Files.createTempFile("syschroot-trace", "");
    try {
      version(Map.of(), "strace", "-f", "-e", "trace=%file", "-o", trace.toString());
      try (Stream<String> lines = Files.lines(trace)) {
        assertThat(lines).noneMatch(line -> line.contains("hotspot") && line.contains("\"."));
      }
    } finally {
      Files.delete(trace);
    }
    assertThat(directory).isEmptyDirectory();
  }

  /** A file that another thread has open at the moment of the execve would be the command's. */
  @Test
  @RequiresCommand("strace")
  void start_limitsOfTheControlGroup_areNotReadByTheJvm() throws Exception {
    Path trace = directory.resolve("trace");
    Path root = TestImages.ofHost();
    Files.createDirectories(directory.resolve("images.d"));
    Files.writeString(directory.resolve("images.d/x.toml"), "root = \"" + root + "\"\n");
    List<String> words = List.of("strace", "-f", "-e", "trace=open,openat", "-o", trace.toString());
    List<String> run =
        List.of("--config", directory.toString(), "explain", "--json", "-d", "/", "x");
    Outcome outcome =
        Program.of(
                Stream.of(words, List.of(TestImages.command().toString()), run)
                    .flatMap(List::stream)
                    .toList())
            .run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(Files.readString(trace))
        .contains("/images.d/x.toml")
        .doesNotContain("/sys/fs/cgroup");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "JDK_JAVA_OPTIONS",
        "JAVA_TOOL_OPTIONS",
        "_JAVA_OPTIONS",
        "JAVA_OPTIONS",
        "CLASSPATH"
      })
  void start_variableOfAJvm_isNeitherObeyedNorMentioned(String name) throws Exception {
    assertUndisturbed(version(Map.of(name, "-XX:+PrintFlagsFinal")));
  }
}
