// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syschroot.dist.Shell.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
  private static final Path FILES =
      Path.of(System.getProperty("syschroot.tests.checkout"), "syschroot-dist/src/files");
  private static final int DEADLINE_SECONDS = 60;

  @TempDir Path folder;

  private String socket = "";
  private Path config;

  @BeforeEach
  void configureImages() throws Exception {
    config = Files.createDirectory(folder.resolve("conf"));
    Files.createDirectory(config.resolve("images.d"));
    // As the configuration of the user too, by which launchers are known.
    Files.createSymbolicLink(folder.resolve("syschroot"), config);
    Files.writeString(
        config.resolve("images.d/SL54.toml"),
        "root = \"/x\"\naliases = [\n  \"five\", # not \"six\"\n  \"sl54\"\n]\n");
    Path root = Files.createDirectory(folder.resolve("deb32"));
    Files.writeString(
        config.resolve("images.d/deb32.toml"), "root = \"" + root + "\"\naliases = [\"inner\"]\n");
    program(root.resolve("usr/bin/onlyinside"), "rwxr-xr-x");
    program(root.resolve("usr/bin/onlyinside.txt"), "rw-r--r--");
    program(root.resolve("opt/tools/hammer"), "rwxr-xr-x");
    // As in a system of alternatives: the links lead nowhere on the host.
    Files.createSymbolicLink(root.resolve("bin"), Path.of("/usr/bin"));
    Files.createSymbolicLink(root.resolve("usr/bin/linkinside"), Path.of("/etc/alternatives/nil"));
  }

  private static void program(Path file, String mode) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  @AfterEach
  void endTmux() throws Exception {
    Shell.outcome("tmux", "-S", socket, "kill-server");
  }

  private void start(String command) throws IOException, InterruptedException {
    // One server each: one that ends still answers for a moment.
    socket = folder.resolve(command.contains("zsh") ? "zsh.socket" : "socket").toString();
    run(
        "env",
        "XDG_CONFIG_HOME=" + folder,
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
                + "\n. "
                + FILES.resolve("bash_completion.d/syschroot")
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
        "syschroot run --config CONF SL54 -- sha256s;"
            + "syschroot run --config CONF SL54 -- sha256sum",
        "syschroot run --config CONF deb32 -- onlyi;"
            + "syschroot run --config CONF deb32 -- onlyinside",
        "syschroot run --config CONF deb32 linki;syschroot run --config CONF deb32 linkinside",
        "syschroot explain --config CONF inner /opt/tools/h;"
            + "syschroot explain --config CONF inner /opt/tools/hammer",
        "syschroot --config CONF deb32 onlyi;syschroot --config CONF deb32 onlyinside",
        "syschroot --config CONF run deb32 -- nohup sha256s;"
            + "syschroot --config CONF run deb32 -- nohup sha256sum",
        "syschroot --config CONF SL;syschroot --config CONF SL54",
        "deb32 onlyi;deb32 onlyinside",
        "/opt/bin/deb32 linki;/opt/bin/deb32 linkinside",
        "deb32 /opt/tools/h;deb32 /opt/tools/hammer",
        "deb32 nohup sha256s;deb32 nohup sha256sum",
        "syschroot umo;syschroot umount",
        "syschroot help umo;syschroot help umount",
        "syschroot help syslog re;syschroot help syslog relay",
        "syschroot he;syschroot help",
        "syschroot syslog rel;syschroot syslog relay",
        "syschroot syslog status --config CONF d;syschroot syslog status --config CONF deb32",
        "syschroot syslog relay --when-full d;syschroot syslog relay --when-full drop-oldest",
        "syschroot submit --scheduler sl;syschroot submit --scheduler slurm",
        "syschroot --no-c;syschroot --no-color",
        "syschroot -q umo;syschroot -q umount"
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

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "syschroot umo;umount",
        "syschroot run --config CONF d;deb32",
        "syschroot explain --format j;json",
        "syschroot run --config CONF deb32 -- onlyi;onlyinside",
        "syschroot --config CONF inner linki;linkinside",
        "syschroot explain --config=CONF inner /opt/;/opt/tools/",
        "syschroot run --config CONF SL54 -- sha256s;sha256sum",
        "syschroot run --config CONF deb32 env sha256s;sha256sum",
        "deb32 onlyi;onlyinside",
        "deb32 linki;linkinside",
        "deb32 env sha256s;sha256sum",
        "syschroot umount --laz;--lazy",
        "syschroot run -u daemo;daemon",
        "syschroot run -u daemon --config CONF d;deb32",
        "syschroot help umo;umount",
        "syschroot help syslog re;relay",
        "syschroot syslog rel;relay",
        "syschroot syslog relay --when-full d;drop-oldest",
        "syschroot syslog relay --queue-bytes d;''",
        "syschroot submit --scheduler sl;slurm",
        "syschroot --config tm;tmp/",
        "syschroot --no-c;--no-color",
        "syschroot -q umo;umount"
      })
  @RequiresCommand("fish")
  void complete_fish_offersTheWords(String typed, String words) throws Exception {
    String offered =
        run(
            "env",
            "HOME=" + folder,
            "TERM=xterm",
            "XDG_CONFIG_HOME=" + folder,
            "fish",
            "-i",
            "-c",
            "source $argv[1]; source $argv[3]; complete -C $argv[2] | string match -r '^[^\\t]*' | sort",
            USR.resolve("fish/vendor_completions.d/syschroot.fish").toString(),
            typed.replace("CONF", config.toString()),
            USR.resolve("fish/vendor_conf.d/syschroot.fish").toString());
    assertThat(offered.strip().replace("\n", " ")).isEqualTo(words);
  }

  @Test
  void tabTwice_bash_offersNamesAndAliases() throws Exception {
    startBash();
    type("syschroot show --config " + config + " ");
    tab();
    tab();
    waitFor("SL54   deb32  five   inner  sl54");
  }

  @Test
  @RequiresCommand("man")
  void man_pageOfRun_isShown() throws Exception {
    start("env MANPATH=" + USR.resolve("man") + " LESS= man syschroot-run");
    waitFor("syschroot-run - Run a command in an image");
    waitFor("SYSCHROOT-RUN(1)");
  }
}
