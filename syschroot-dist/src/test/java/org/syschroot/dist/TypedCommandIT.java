// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syschroot.dist.Shell.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.testing.RequiresCommand;

/** Manual pages and completion, as somebody at a terminal sees them. */
@RequiresCommand("tmux")
class TypedCommandIT {
  private static final Path USR =
      Path.of(System.getProperty("syschroot.tests.checkout"), "syschroot-dist/target/usr/share");
  private static final int DEADLINE_SECONDS = 60;

  @TempDir Path folder;

  private String socket = "";
  private Path config;

  @BeforeEach
  void configureImages() throws Exception {
    config = Files.createDirectory(folder.resolve("conf"));
    Files.createDirectory(config.resolve("images.d"));
    Files.writeString(
        config.resolve("images.d/SL54.toml"),
        "root = \"/x\"\naliases = [\n  \"five\", # not \"six\"\n  \"sl54\"\n]\n");
    Files.writeString(config.resolve("images.d/deb32.toml"), "root = \"/y\"\n");
  }

  @AfterEach
  void endTmux() throws Exception {
    Shell.outcome("tmux", "-S", socket, "kill-server");
  }

  private void start(String command) throws IOException, InterruptedException {
    // One server each: one that ends still answers for a moment.
    socket = folder.resolve(command.contains("zsh") ? "zsh.socket" : "socket").toString();
    run(
        "tmux",
        "-S",
        socket,
        "-f",
        "/dev/null",
        "new-session",
        "-d",
        "-x",
        "100",
        "-y",
        "30",
        command);
  }

  private void type(String text) throws IOException, InterruptedException {
    run("tmux", "-S", socket, "send-keys", "-l", text);
  }

  private void tab() throws IOException, InterruptedException {
    run("tmux", "-S", socket, "send-keys", "Tab");
  }

  private void waitFor(String text) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    String screen = "";
    while (!screen.contains(text)) {
      assertThat(System.nanoTime()).as("no %s in:\n%s", text, screen).isLessThan(deadline);
      screen = run("tmux", "-S", socket, "capture-pane", "-p", "-J");
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private void startBash() throws Exception {
    Path rc =
        Files.writeString(
            folder.resolve("bashrc"),
            "PS1='ready> '\nPATH=/usr/bin:/bin\n. /usr/share/bash-completion/bash_completion\n. "
                + USR.resolve("bash-completion/completions/syschroot")
                + "\n");
    start("bash --noprofile --rcfile " + rc);
    waitFor("ready>");
  }

  private void startZsh() throws Exception {
    Files.writeString(
        folder.resolve(".zshrc"),
        "fpath=("
            + USR.resolve("zsh/site-functions")
            + " $fpath)\nautoload -Uz compinit; compinit -u -D\nPS1='ready> '\nunsetopt AUTO_MENU\n");
    start("env ZDOTDIR=" + folder + " zsh -i");
    waitFor("ready>");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "syschroot run --config CONF d;syschroot run --config CONF deb32",
        "syschroot run --config CONF fi;syschroot run --config CONF five",
        "syschroot umount --config CONF SL54 d;syschroot umount --config CONF SL54 deb32",
        "syschroot explain --fo;syschroot explain --format",
        "syschroot explain --format j;syschroot explain --format json",
        "syschroot run --config CONF deb32 -- sha256s;"
            + "syschroot run --config CONF deb32 -- sha256sum",
        "syschroot umo;syschroot umount"
      })
  @RequiresCommand("zsh")
  void tab_bashAndZsh_completeTheWord(String typed, String completed) throws Exception {
    for (String shell : new String[] {"bash", "zsh"}) {
      if (shell.equals("bash")) {
        startBash();
      } else {
        startZsh();
      }
      type(typed.replace("CONF", config.toString()));
      tab();
      // Behind the space that follows a word which is complete.
      type("X");
      waitFor("ready> " + completed.replace("CONF", config.toString()) + " X");
      endTmux();
    }
  }

  @Test
  void tabTwice_bash_offersNamesAndAliases() throws Exception {
    startBash();
    type("syschroot show --config " + config + " ");
    tab();
    tab();
    waitFor("SL54   deb32  five   sl54");
  }

  @Test
  @RequiresCommand("man")
  void man_pageOfRun_isShown() throws Exception {
    start("env MANPATH=" + USR.resolve("man") + " LESS= man syschroot-run");
    waitFor("syschroot-run - replaces itself with a command inside an image");
    waitFor("SYSCHROOT-RUN(1)");
  }
}
