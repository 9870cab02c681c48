// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.wrapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.path.ImagePath;

final class WrapperScriptTest {
  @TempDir Path folder;

  /** A uname as Red Hat has it, under a host that is named like its machine. */
  private static final String RED_HAT =
      """
      case $* in
        -s) echo Linux ;;
        -n) echo x86_64 ;;
        -snrv) echo Linux x86_64 2.6.18 x86_64 ;;
        -r) echo 2.6.18 ;;
        -m|-p|-i) echo x86_64 ;;
        -o) echo GNU/Linux ;;
        *) echo "$*"; exit 3 ;;
      esac
      """;

  private Path program(String name, String text) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file;
  }

  private String run(String shell, String program, String real, String... words) throws Exception {
    Path script = folder.resolve("script");
    String place = program(program + ".bin", real).toString();
    Files.writeString(script, WrapperScript.of(program, ImagePath.of(place), "x86_64"));
    List<String> command = new ArrayList<>(List.of(shell.split(" ")));
    command.add(script.toString());
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String out =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).stripTrailing();
    return out + (process.waitFor() == 0 ? "" : " status " + process.exitValue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/dash", "/bin/bash --posix", "/bin/busybox sh", "/bin/zsh"})
  void of_redHatsUname_onlyTheMachineIsChanged(String shell) throws Exception {
    assumeTrue(Files.isExecutable(Path.of(shell.split(" ")[0])), "no " + shell);
    assertThat(run(shell, "uname", RED_HAT)).isEqualTo("Linux");
    assertThat(run(shell, "uname", RED_HAT, "-a"))
        .isEqualTo("Linux x86_64 2.6.18 x86_64 i686 i686 i386 GNU/Linux");
    assertThat(run(shell, "uname", RED_HAT, "-n")).isEqualTo("x86_64");
    assertThat(run(shell, "uname", RED_HAT, "-mpi")).isEqualTo("i686 i686 i386");
    assertThat(run(shell, "uname", RED_HAT, "-i", "--mach")).isEqualTo("i686 i386");
    assertThat(run(shell, "uname", RED_HAT, "--hard")).isEqualTo("i386");
    assertThat(run(shell, "uname", RED_HAT, "--help")).isEqualTo("--help status 3");
    assertThat(run(shell, "uname", RED_HAT, "-m", "--h")).isEqualTo("-m --h status 3");
    assertThat(run(shell, "uname", RED_HAT, "-mx")).isEqualTo("-mx status 3");
    assertThat(run(shell, "uname", RED_HAT, "-m", "a b")).isEqualTo("-m a b status 3");
    assertThat(run(shell, "arch", "echo x86_64")).isEqualTo("i686");
    assertThat(run(shell, "arch", "echo i386")).isEqualTo("i386");
    assertThat(run(shell, "arch", "echo 'a  b'; exit 4", "--x")).isEqualTo(" status 4");
  }

  /** sh-utils of 2002 has neither -i nor -o. */
  @Test
  void of_unameWithoutOptions_leavesThemOutOfAll() throws Exception {
    String old =
        "case $* in -snrv) echo Linux h 2.4.21 v ;; -m) echo x86_64 ;; -p) echo unknown ;;"
            + " *) echo invalid >&2; exit 1 ;; esac\n";
    assertThat(run("/bin/sh", "uname", old, "-a")).isEqualTo("Linux h 2.4.21 v i686");
    assertThat(run("/bin/sh", "uname", old, "-i")).isEqualTo("invalid status 1");
  }

  @Test
  void of_pathThatAShellWouldReadOtherwise_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WrapperScript.of("uname", ImagePath.of("/a b"), "x86_64"));
  }
}
