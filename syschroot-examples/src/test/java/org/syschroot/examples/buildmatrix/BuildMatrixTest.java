// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.buildmatrix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.examples.ExampleSite;
import org.syschroot.testing.JvmState;
import org.syschroot.testing.ProcFiles;

@Timeout(120)
final class BuildMatrixTest {
  @TempDir static Path directory;
  private static ExampleSite site;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeAll
  static void makeImages() throws IOException {
    ProcFiles.assumeRootAndBusybox();
    site = new ExampleSite(directory);
    Path etc = Files.createDirectory(site.image("new").resolve("etc"));
    Files.writeString(etc.resolve("os-release"), "ID=x\nPRETTY_NAME=\"New Linux 9\"\n");
    etc = Files.createDirectory(site.image("old", "personality = \"linux32\"").resolve("etc"));
    Files.writeString(etc.resolve("redhat-release"), "Old Linux 5.4 (Boron)\n");
    site.image("plain");
  }

  private int run(boolean terminal, String... arguments) {
    List<String> all = new ArrayList<>(List.of("--config", site.config().toString()));
    all.addAll(List.of(arguments));
    return new BuildMatrix(stream(out), stream(err), terminal).execute(all.toArray(String[]::new));
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private List<String> lines() {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void execute_commandThatFailsInOneImage_showsAllAndFails() {
    List<Long> children = JvmState.children();
    String script = "cat /image; echo to stderr >&2; test ! -e /etc/redhat-release || exit 3";
    assertThat(run(false, "--jobs", "2", "--", "/bin/sh", "-c", script)).isEqualTo(1);
    List<String> table = lines().subList(lines().size() - 4, lines().size());
    assertThat(lines().subList(0, lines().size() - 4))
        .containsExactlyInAnyOrder(
            "new | new",
            "new | to stderr",
            "old | old",
            "old | to stderr",
            "plain | plain",
            "plain | to stderr");
    assertThat(table.get(0)).matches("image +exit +time +machine +release");
    assertThat(table.get(1)).matches("new +0 +\\d+\\.\\d s +x86_64 +New Linux 9|new .*aarch64.*");
    assertThat(table.get(2)).matches("old +3 +\\d+\\.\\d s +(i686|armv8l) +Old Linux 5.4 .Boron.");
    assertThat(table.get(3)).matches("plain +0 +\\d+\\.\\d s +(x86_64|aarch64) +\\?");
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(JvmState.children()).isEqualTo(children);
  }

  @Test
  void execute_oneImage_runsThereOnly() {
    assertThat(run(false, "--image", "plain", "cat", "/image")).isZero();
    assertThat(lines()).hasSize(3).first().isEqualTo("plain | plain");
  }

  @Test
  void execute_onTerminal_showsProgressAndErasesIt() {
    assertThat(run(true, "--jobs", "1", "--", "true")).isZero();
    String text = out.toString(StandardCharsets.UTF_8);
    assertThat(text).contains("2/3 done, 0 failed, 1 running\r\033[K3/3 done, 0 failed, 0 running");
    String afterErasing = text.substring(text.lastIndexOf("\033[K"));
    assertThat(afterErasing).doesNotContain("done").contains("exit");
  }

  @Test
  void execute_notOnTerminal_showsNoProgress() {
    run(false, "--", "true");
    assertThat(lines()).hasSize(4).noneMatch(line -> line.contains("running"));
  }

  @Test
  void execute_commandThatTakesTooLong_isKilledWithAllItStarted() throws Exception {
    // Of all processes in the system these sleep so long.
    String script = "sleep 7654321 | sleep 7654321";
    assertThat(run(false, "--timeout", "1", "--image", "new", "--", "/bin/sh", "-c", script))
        .isEqualTo(1);
    assertThat(lines().get(1)).contains("137").endsWith("killed after 1 s");
    assertThat(
            ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains("7654321")))
        .isEmpty();
  }

  @Test
  void execute_commandThatIsMissing_saysSo() {
    assertThat(run(false, "--image", "new", "--", "no-such-program")).isEqualTo(1);
    assertThat(lines().get(0)).startsWith("new | ").contains("cannot find the command");
    assertThat(lines().get(lines().size() - 1)).contains("127").endsWith("did not start");
  }

  @Test
  void execute_badArguments_areRefused() {
    assertThat(run(false, "--image", "nwe", "--", "true")).isEqualTo(2);
    assertThat(run(false, "--jobs", "0", "--", "true")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("nwe").contains("--jobs");
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void parse_answers_areUnderstood() {
    assertThat(SystemDescription.parse(List.of())).isEqualTo(SystemDescription.UNKNOWN);
    assertThat(SystemDescription.parse(List.of("i686")))
        .isEqualTo(new SystemDescription("i686", "?"));
    assertThat(SystemDescription.parse(List.of("i686", "ID=a", "PRETTY_NAME='A B'")))
        .isEqualTo(new SystemDescription("i686", "A B"));
    assertThat(SystemDescription.parse(List.of("i686", "PRETTY_NAME=A")))
        .isEqualTo(new SystemDescription("i686", "A"));
    assertThat(SystemDescription.parse(List.of("i686", "Scientific Linux release 5.4")))
        .isEqualTo(new SystemDescription("i686", "Scientific Linux release 5.4"));
  }
}
