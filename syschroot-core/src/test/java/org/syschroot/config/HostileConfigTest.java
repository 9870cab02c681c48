// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.image.ImageCatalog;

/** Files that no administrator writes, beside one that is good: none may stop or delay it. */
final class HostileConfigTest {
  private static final String ROOT = "root = \"/sysroot/x\"\n";

  @TempDir private Path directory;

  @BeforeEach
  void writeAGoodOne() throws IOException {
    Files.createDirectory(directory.resolve("images.d"));
    Files.writeString(directory.resolve("images.d/good.toml"), "root = \"/sysroot/good\"\n");
  }

  private Path bad() {
    return directory.resolve("images.d/x.toml");
  }

  /** Also where this machine is busy; what grows with the square of the size takes minutes. */
  private ImageCatalog read() {
    ImageCatalog catalog =
        Assertions.assertTimeoutPreemptively(
            Duration.ofSeconds(20), () -> new CatalogReader(FileTrust.ANY).read(directory));
    assertThat(catalog.find("good")).isPresent();
    return catalog;
  }

  private void assertRefused(String message) {
    ImageCatalog catalog = read();
    assertThat(catalog.problemsWith("x"))
        .extracting(problem -> problem.message())
        .containsExactly(bad() + ":" + message);
  }

  private void assertNotAFile() {
    assertRefused("1:1: is not a regular file");
  }

  @Test
  void read_fifo_isRefusedAndDoesNotWait() throws Exception {
    assertThat(new ProcessBuilder("mkfifo", bad().toString()).start().waitFor()).isZero();
    assertNotAFile();
  }

  @Test
  void read_directory_isRefused() throws IOException {
    Files.createDirectory(bad());
    assertNotAFile();
  }

  @Test
  void read_linkToADevice_isRefused() throws IOException {
    Files.createSymbolicLink(bad(), Path.of("/dev/zero"));
    assertNotAFile();
  }

  @Test
  void read_socket_isRefused() throws IOException {
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(bad()));
      assertNotAFile();
    }
  }

  @Test
  void read_linkThatLeadsNowhere_isAProblem() throws IOException {
    Files.createSymbolicLink(bad(), Path.of("/nonexistent/x.toml"));
    assertRefused("1:1: cannot be read: ENOENT (No such file or directory)");
  }

  @Test
  void read_sparseGigabyte_isRefused() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(bad().toFile(), "rw")) {
      file.setLength(1L << 30);
    }
    assertRefused("1:1: is larger than 1048576 bytes, the limit: split it");
  }

  @Test
  void read_largeFileWhoseSizeIsZero_isRefused() throws IOException {
    // Like all of /proc: a regular file whose size says nothing.
    Files.createSymbolicLink(bad(), Path.of("/proc/kallsyms"));
    assertRefused("1:1: is larger than 1048576 bytes, the limit: split it");
  }

  /** Text behind the line with the root, and the message from the line number on. */
  static Stream<Arguments> excesses() {
    String nested = "is nested more than 16 deep, the most allowed";
    String parts = "is a key of more than 16 parts, the most allowed";
    String word = "is longer than 16384 characters, the most allowed";
    String tokens = "has more than 200000 values and lines, the most allowed";
    return Stream.of(
        Arguments.of("users = " + "[".repeat(100_000), "2:25: " + nested),
        Arguments.of("users = " + "[".repeat(500_000) + "]".repeat(500_000), "2:25: " + nested),
        Arguments.of("a = " + "{a=".repeat(100_000), "2:53: " + nested),
        Arguments.of("a.".repeat(100_000) + "a = 1", "2:32: " + parts),
        Arguments.of("[" + "\"a\".".repeat(100_000) + "a]", "2:65: " + parts),
        Arguments.of("description = \"" + "x".repeat(500_000) + "\"", "2:15: " + word),
        Arguments.of("description = '''" + "x\n".repeat(250_000) + "'''", "2:15: " + word),
        Arguments.of("k".repeat(500_000) + " = 1", "2:1: " + word),
        Arguments.of("mounts = [\"" + "/x".repeat(400_000) + "\"]", "2:11: " + word),
        Arguments.of("users = [" + "\"\",".repeat(300_000) + "]", "2:300003: " + tokens),
        Arguments.of("\n".repeat(500_000), "199999:1: " + tokens));
  }

  @ParameterizedTest
  @MethodSource("excesses")
  void read_moreThanAnyConfigurationHas_isRefusedWithItsPlace(String text, String message)
      throws IOException {
    Files.writeString(bad(), ROOT + text);
    assertRefused(message);
  }

  @Test
  void read_excessInTheDefaults_isRefusedToo() throws IOException {
    Path defaults = directory.resolve("syschroot.toml");
    Files.writeString(defaults, "[defaults]\nusers = " + "[".repeat(100_000));
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> new CatalogReader(FileTrust.ANY).read(directory))
        .withMessage(defaults + ":2:25: is nested more than 16 deep, the most allowed");
  }

  @Test
  void read_bracketsAndDotsWithinStringsAndComments_areText() throws IOException {
    Files.writeString(
        bad(),
        ROOT
            + "description = \"\\\""
            + "[.".repeat(50)
            + "\" # "
            + "[{.".repeat(50)
            + "\nshell = '/b"
            + "[".repeat(30)
            + "'\n");
    ImageCatalog catalog = read();
    assertThat(catalog.problems()).isEmpty();
    assertThat(catalog.find("x").orElseThrow().description()).hasSize(101);
  }

  @Test
  void read_twentyThousandMounts_takesLinearTime() throws IOException {
    String mounts =
        IntStream.range(0, 20_000)
            .mapToObj(i -> "\"/data/" + i + "\"")
            .collect(Collectors.joining(", "));
    Files.writeString(bad(), ROOT + "mounts = [" + mounts + "]\n");
    ImageCatalog catalog = read();
    assertThat(catalog.find("x").orElseThrow().mounts().steps()).hasSize(20_000);
  }

  @Test
  void read_pathsOfManyComponents_takeLinearTime() throws IOException {
    String path = "/x".repeat(4_000);
    String mounts =
        IntStream.range(0, 100)
            .mapToObj(i -> "\"" + path + "/" + i + "\"")
            .collect(Collectors.joining(",\n"));
    Files.writeString(bad(), ROOT + "mounts = [\n" + mounts + "\n]\n");
    ImageCatalog catalog = read();
    assertThat(catalog.find("x").orElseThrow().mounts().steps()).hasSize(100);
  }

  @Test
  void read_thousandsOfFiles_areAllRead() throws IOException {
    for (int i = 0; i < 3_000; i++) {
      Files.writeString(
          directory.resolve("images.d/n" + i + ".toml"),
          i % 2 == 0 ? "root = \"/sysroot/" + i + "\"\n" : "root = 7\n");
    }
    ImageCatalog catalog = read();
    assertThat(catalog.all()).hasSize(1_501);
    assertThat(catalog.problems()).hasSize(1_500);
  }
}
