// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.cli.JavaRuntime;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestSite;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** Job control on a real terminal, which tmux provides. */
@RequiresRoot
@RequiresCommand({"debootstrap", "tmux"})
class TerminalIT {
  private static final int SECONDS = 30;

  private TestSite site;
  private Path directory;
  private TmuxTerminal terminal;

  @BeforeEach
  void startTerminal() throws Exception {
    site = TestSite.withDeb32();
    directory = Files.createTempDirectory(Path.of("/tmp"), "syschroot-terminal");
    terminal = new TmuxTerminal(directory, "PS1=host> ", "HOME=" + directory);
    terminal.await("host> ", screen -> screen.contains("host>"));
  }

  @AfterEach
  void stopTerminal() throws Exception {
    terminal.close();
    site.close();
    Program.of("rm", "-rf", directory.toString()).run();
  }

  private String run(JavaRuntime java, String words) throws Exception {
    String prefix = "JAVA_HOME=" + java.home() + " ";
    return prefix + String.join(" ", site.with(java).words()) + " deb32 " + words;
  }

  /** Waits until the process of that command line sleeps, with the state that proc(5) gives it. */
  private static long process(String commandLine, String states) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (true) {
      Outcome found = Program.of("pgrep", "-x", "-f", commandLine).run();
      for (String pid : found.outText().lines().toList()) {
        Path stat = Path.of("/proc/" + pid + "/stat");
        String text = Files.exists(stat) ? Files.readString(stat) : "?) ?";
        if (states.indexOf(text.charAt(text.lastIndexOf(')') + 2)) >= 0) {
          return Long.parseLong(pid);
        }
      }
      assertThat(System.nanoTime()).as("no process %s", commandLine).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(30);
    }
  }

  static Stream<JavaRuntime> runtimes() throws IOException {
    return JavaRuntime.matrix();
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void run_shell_hasTheTerminal(JavaRuntime java) throws Exception {
    terminal.type(
        "tty > " + directory + "/outside; stty -g > " + directory + "/stty-outside; echo ready");
    terminal.await("ready", screen -> screen.contains("\nready"));
    terminal.type(run(java, ""));
    terminal.ask("echo in $SYSCHROOT_IMAGE", "in deb32");
    terminal.type("tty > " + directory + "/inside; stty -g > " + directory + "/stty-inside");
    terminal.ask("echo written", "written");
    assertThat(directory.resolve("inside")).hasSameTextualContentAs(directory.resolve("outside"));
    assertThat(directory.resolve("stty-inside"))
        .hasSameTextualContentAs(directory.resolve("stty-outside"));
    terminal.type("exit 7");
    terminal.ask("echo status $?", "status 7");
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void run_interrupt_endsTheCommandNotTheShell(JavaRuntime java) throws Exception {
    terminal.type(run(java, ""));
    terminal.ask("echo in $SYSCHROOT_IMAGE", "in deb32");
    terminal.type("sleep 4321");
    process("sleep 4321", "S");
    terminal.press("C-c");
    terminal.ask("echo status $? in $SYSCHROOT_IMAGE", "status 130 in deb32");
    terminal.type("exit");
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void run_interrupt_endsTheCommandOfTheHostsShell(JavaRuntime java) throws Exception {
    terminal.type(run(java, "-- sleep 4322"));
    process("sleep 4322", "S");
    terminal.press("C-c");
    terminal.ask("echo status $?", "status 130");
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void run_stopAndContinue_workFromTheHostsShell(JavaRuntime java) throws Exception {
    terminal.type(run(java, "-- sleep 4323"));
    long pid = process("sleep 4323", "S");
    terminal.press("C-z");
    assertThat(process("sleep 4323", "T")).isEqualTo(pid);
    terminal.type("jobs");
    terminal.await("a stopped job", screen -> screen.contains("Stopped"));
    terminal.type("fg");
    assertThat(process("sleep 4323", "S")).isEqualTo(pid);
    terminal.press("C-c");
    terminal.ask("echo status $?", "status 130");
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void run_stopAndContinueBySignal_work(JavaRuntime java) throws Exception {
    terminal.type(run(java, "-- sleep 4324"));
    long pid = process("sleep 4324", "S");
    assertThat(Program.of("kill", "-STOP", Long.toString(pid)).run().status()).isZero();
    assertThat(process("sleep 4324", "T")).isEqualTo(pid);
    terminal.await("a stopped job", screen -> screen.contains("Stopped"));
    assertThat(Program.of("kill", "-CONT", Long.toString(pid)).run().status()).isZero();
    assertThat(process("sleep 4324", "S")).isEqualTo(pid);
    terminal.type("fg"); // the shell took its terminal back when the job stopped
    terminal.await("the job", screen -> screen.lines().anyMatch(line -> line.endsWith("fg")));
    assertThat(Program.of("kill", "-TERM", Long.toString(pid)).run().status()).isZero();
    terminal.ask("echo status $?", "status 143");
  }
}
