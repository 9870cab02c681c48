// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** Shells of an image show it in their prompt and in the title of the terminal. */
@InOwnMountNamespace
@RequiresCommand({"debootstrap", "tmux", "zsh"})
class PromptIT {
  private static final String ASK = "printf '<%s>' \"${debian_chroot-}\"\n";

  private TestSite site;
  private Path folder;
  private String settings;

  @BeforeEach
  void makeSite() throws Exception {
    site = TestSite.empty();
    folder = Files.createTempDirectory(Path.of("/tmp"), "syschroot-prompt");
    settings = "root = \"" + TestImages.deb32() + "\"\nshell = \"/bin/bash\"\n";
    configure("", "");
  }

  private void configure(String setting, String table) throws Exception {
    String launchers = "[launchers]\nmounts = \"entry\"\ndirectory = \"" + folder + "\"\n";
    site.image("deb", settings + setting + table + launchers);
  }

  @AfterEach
  void removeSite() throws Exception {
    site.close();
    Program.of("rm", "-rf", folder.toString()).run();
  }

  private String launcher() throws Exception {
    Outcome linked =
        Program.of(
                TestImages.command().toString(),
                "link",
                "--config",
                site.directory().toString(),
                "deb")
            .run();
    assertThat(linked.status()).as("%s", linked).isZero();
    return folder.resolve("deb").toString();
  }

  private Outcome fed(List<String> words, Map<String, String> variables, String input)
      throws Exception {
    Path file = Files.writeString(folder.resolve("input"), input);
    return Program.of(words).with(variables).input(file).run();
  }

  private TmuxTerminal terminal(String... variables) throws Exception {
    String[] all = new String[variables.length + 2];
    all[0] = "PS1=host> ";
    all[1] = "HOME=" + folder;
    System.arraycopy(variables, 0, all, 2, variables.length);
    TmuxTerminal terminal = new TmuxTerminal(folder, all);
    terminal.await("host> ", screen -> screen.contains("host>"));
    return terminal;
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "run again", "launcher"})
  void shell_onATerminal_showsTheImageInPromptAndTitle(String way) throws Exception {
    String run = String.join(" ", site.words("deb"));
    try (TmuxTerminal terminal = terminal("TERM=xterm")) {
      if (way.endsWith("again")) { // a cached start
        terminal.ask(run + " <<< 'echo first'", "first");
      }
      terminal.type(way.startsWith("run") ? run : launcher());
      terminal.await("a prompt", screen -> screen.contains("(deb)"));
      terminal.awaitTitle("deb: /tmp");
      terminal.ask("cd /usr; echo there", "there");
      terminal.awaitTitle("deb: /usr");
      // What the terminal would obey is not shown to it.
      terminal.type("mkdir -p $'/tmp/x\\a\\eb' && cd $'/tmp/x\\a\\eb' && rmdir \"$PWD\"");
      terminal.awaitTitle("deb: /tmp/x??b");
      terminal.type("exit");
    }
  }

  /** The host's own zsh, in a tree that has nothing but places to mount on. */
  private void configureZsh() throws Exception {
    Outcome made =
        Program.of(
                "sh",
                "-ec",
                "mount -t tmpfs -o mode=755 none /mnt; cd /mnt; mkdir -p usr etc dev proc sys tmp;"
                    + " for d in bin sbin lib lib64; do ln -s usr/$d $d; done")
            .run();
    assertThat(made.status()).as("%s", made).isZero();
    settings =
        "root = \"/mnt\"\nshell = \"/usr/bin/zsh\"\nmounts = [\"standard\", \"/usr\", \"/etc\"]\n";
    configure("", "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "launcher"})
  void zsh_onATerminal_showsTheImageAtTheRight(String way) throws Exception {
    configureZsh();
    Files.writeString(folder.resolve(".zshrc"), "PS1='mine> '\n");
    String shell = way.equals("run") ? String.join(" ", site.words("deb")) : launcher();
    try (TmuxTerminal terminal = terminal("TERM=xterm")) {
      terminal.type(shell);
      terminal.await(
          "a prompt", screen -> screen.lines().anyMatch(l -> l.matches("mine> +\\(deb\\)")));
      terminal.type("exit");
      Files.writeString(folder.resolve(".zshrc"), "PS1='theme> ' RPROMPT='mine'\n");
      terminal.type(shell);
      terminal.await("a prompt", screen -> screen.lines().anyMatch(l -> l.matches("theme> +mine")));
      terminal.type("exit");
    } finally {
      Program.of("umount", "-l", "/mnt").run();
    }
  }

  @Test
  void zsh_switchedOff_hasNoPromptOfOurs() throws Exception {
    configureZsh();
    configure("prompt = false\n", "");
    for (List<String> way : List.of(site.words("deb"), List.of(launcher()))) {
      Outcome shell = fed(way, Map.of(), "echo ${RPROMPT-none}\n");
      assertThat(shell).hasToString("status 0\nout: none\n\nerr: ");
    }
    Program.of("umount", "-l", "/mnt").run();
  }

  @Test
  void shell_promptThatShowsNothing_getsTheName() throws Exception {
    Files.writeString(folder.resolve(".bashrc"), "PS1='mine> '\n");
    try (TmuxTerminal terminal = terminal("TERM=xterm")) {
      terminal.type(String.join(" ", site.words("deb")));
      terminal.await("a prompt", screen -> screen.contains("(deb) mine> "));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dumb", "linux", "vt100"})
  void shell_onATerminalWithoutTitle_writesNoTitle(String kind) throws Exception {
    List<String> words = site.words("deb");
    Outcome outcome =
        Program.of("script", "-qec", String.join(" ", words) + " -i", "/dev/null")
            .with(Map.of("TERM", kind, "HOME", folder.toString()))
            .input(Files.writeString(folder.resolve("input"), "exit\n"))
            .run();
    assertThat(outcome.outText()).doesNotContain("\033]");
  }

  @Test
  void shell_switchedOff_hasTheCallersEnvironmentOnly() throws Exception {
    configure("prompt = false\n", "");
    for (List<String> way : List.of(site.words("deb"), List.of(launcher()))) {
      Outcome shell = fed(way, Map.of(), ASK + "echo ${PROMPT_COMMAND-none}\n");
      assertThat(shell).hasToString("status 0\nout: <>none\n\nerr: ");
    }
  }

  @Test
  void shell_variablesOfCallerOrSettings_stay() throws Exception {
    Map<String, String> own = Map.of("debian_chroot", "mine", "PROMPT_COMMAND", ":");
    String ask = ASK + "echo \"$PROMPT_COMMAND\"\n";
    for (List<String> way : List.of(site.words("deb"), List.of(launcher()))) {
      Outcome shell = fed(way, own, ask);
      assertThat(shell).hasToString("status 0\nout: <mine>:\n\nerr: ");
    }
    configure("", "[environment]\nset = { debian_chroot = \"five\" }\n");
    for (List<String> way : List.of(site.words("deb"), List.of(launcher()))) {
      assertThat(fed(way, Map.of(), ASK).outText()).isEqualTo("<five>");
    }
  }

  /** A command's environment is the caller's, whatever it is that runs. */
  @Test
  void command_hasNoneOfIt() throws Exception {
    String launcher = launcher();
    List<List<String>> ways =
        List.of(
            site.words("deb", "--", "bash"),
            site.words("-c", "bash", "deb"),
            List.of(launcher, "bash"),
            List.of(launcher, "-c", "bash"));
    for (List<String> way : ways) {
      assertThat(fed(way, Map.of(), ASK)).hasToString("status 0\nout: <>\nerr: ");
    }
  }
}
