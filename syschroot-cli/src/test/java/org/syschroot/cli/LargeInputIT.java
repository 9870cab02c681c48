// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** Commands with many or large words and variables, and callers who may open few files. */
@RequiresRoot
@RequiresCommand("debootstrap")
class LargeInputIT {
  private static final int LONGEST_WORD = 128 * 1024 - 1; // MAX_ARG_STRLEN without the NUL

  private TestSite site;
  private Path directory;

  @BeforeEach
  void createSite() throws Exception {
    site = TestSite.withDeb32();
    directory = Files.createTempDirectory(Path.of("/tmp"), "syschroot-input");
  }

  @AfterEach
  void removeSite() throws Exception {
    site.close();
    Program.of("rm", "-rf", directory.toString()).run();
  }

  @Test
  void run_manyArguments_work() throws Exception {
    List<String> command = new ArrayList<>(List.of("sh", "-c", "echo $#", "sh"));
    for (int i = 0; i < 10_000; i++) {
      command.add("x".repeat(100));
    }
    assertThat(start(command, List.of())).hasToString("status 0\nout: 10000\n\nerr: ");
  }

  @Test
  void run_longestArgument_works() throws Exception {
    String word = "y".repeat(LONGEST_WORD);
    List<String> command = List.of("sh", "-c", "echo ${#1}", "sh", word);
    assertThat(start(command, List.of())).hasToString("status 0\nout: 131071\n\nerr: ");
    Outcome tooLong = start(List.of("true", word + "y"), List.of());
    assertThat(tooLong.errText()).isEqualTo("execve: Argument list too long\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 990})
  void run_largeEnvironment_works(int length) throws Exception {
    int count = 1000;
    List<String> environment = new ArrayList<>(List.of("PATH=/usr/bin:/bin"));
    for (int i = 0; i < count; i++) {
      environment.add("V" + i + "=" + "z".repeat(length));
    }
    List<String> command = List.of("sh", "-c", "grep -cz ^V /proc/self/environ");
    assertThat(start(command, environment)).hasToString("status 0\nout: 1000\n\nerr: ");
  }

  @Test
  void run_environmentOfOneAndAHalfMebibytes_works() throws Exception {
    List<String> environment = new ArrayList<>(List.of("PATH=/usr/bin:/bin"));
    for (int i = 0; i < 15; i++) {
      environment.add("V" + i + "=" + "z".repeat(100 * 1024));
    }
    List<String> command = List.of("sh", "-c", "grep -cz ^V /proc/self/environ");
    assertThat(start(command, environment)).hasToString("status 0\nout: 15\n\nerr: ");
  }

  private Outcome start(List<String> command, List<String> environment)
      throws IOException, InterruptedException {
    List<String> words = site.words("deb32", "--");
    words.addAll(command);
    return new Driver()
        .bytes("env", environment.isEmpty() ? List.of("PATH=/usr/bin:/bin") : environment)
        .bytes("directory", List.of("/tmp"))
        .line("signals 0 0")
        .line("limit 3 " + (8 << 20) + " -1") // a quarter of the stack is for the arguments
        .starting(words, directory)
        .run();
  }

  @Test
  void run_fewDescriptors_works() throws Exception {
    String script = "ulimit -n 64; exec \"$@\"";
    List<String> words = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    words.addAll(site.words("deb32", "--", "sh", "-c", "ulimit -n"));
    assertThat(Program.of(words).run()).hasToString("status 0\nout: 64\n\nerr: ");
  }

  @Test
  void run_lowSoftLimitOfDescriptors_isRaisedForUsAndPutBack() throws Exception {
    String script = "ulimit -Sn 20; exec \"$@\"";
    List<String> words = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    words.addAll(site.words("deb32", "--", "sh", "-c", "ulimit -Sn"));
    assertThat(Program.of(words).run()).hasToString("status 0\nout: 20\n\nerr: ");
  }

  @Test
  void run_tooFewDescriptors_failsWithAMessage() throws Exception {
    List<String> words = new ArrayList<>(List.of("sh", "-c", "ulimit -n 63; exec \"$@\"", "sh"));
    words.addAll(site.words("deb32", "--", "true"));
    assertThat(Program.of(words).run())
        .hasToString(
            "status 125\nout: \nerr: syschroot: the limit of open files is 63, and the JVM needs 64:"
                + " raise it with ulimit -n\n");
  }
}
