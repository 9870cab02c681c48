// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.cli.syslog.LogHost;
import org.syschroot.testing.Dose;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/**
 * Whatever others call their files, processes and settings: no terminal, and no log, obeys it.
 * Every run does the first command of each subcommand and those that print JSON; {@code -Pstress}
 * does all.
 */
@InOwnMountNamespace
@RequiresCommand("perl")
class ForeignNamesIT {
  /** Title of a terminal, a line of its own, colours, a bell, a reordering, 8-bit controls. */
  private static final String EVIL =
      "\u001b]0;owned\u0007\nsyschroot: all is fine\r\u001b[31m\u009b2J\u0085\u202egnp.\u2066x\u2069"
          + "\u2028\u007füß日";

  /** The same between quotes of TOML. */
  private static final String EVIL_TOML = toml(EVIL);

  @TempDir private Path folder;
  private MountSite at;

  private static String toml(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(
            c ->
                escaped.append(
                    c < ' ' || c == 0x7f ? String.format("\\u%04x", c) : Character.toString(c)));
    return escaped.toString();
  }

  @BeforeEach
  void makeSite() throws Exception {
    at = new MountSite(folder);
    at.image("plain", at.root, "HOST/data:/data");
    at.site.image("evil", "root = \"" + at.root + "/etc\"\ndescription = \"" + EVIL_TOML + "\"\n");
  }

  @AfterEach
  void close() throws IOException {
    at.close();
  }

  /** Runs a command of which words are given byte for byte, by a Perl that reads them. */
  private Outcome run(String... words) throws Exception {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (String word :
        at.words(words[0], List.of(words).subList(1, words.length).toArray(new String[0]))) {
      block.writeBytes(word.getBytes(UTF_8));
      block.write(0);
    }
    Path file = folder.resolve("words");
    Files.write(file, block.toByteArray());
    return Program.of(
            "perl",
            "-e",
            "open F, '<:raw', shift; local $/; @w = split /\\0/, <F>, -1; pop @w;"
                + " $ENV{SYSCHROOT_IMAGE} = $w[-1]; exec { $w[0] } @w",
            file.toString())
        .run();
  }

  private static void assertHarmless(Outcome outcome) {
    for (String text : List.of(outcome.outText(), outcome.errText())) {
      assertThat(text.codePoints())
          .as("%s", outcome)
          .allMatch(
              c ->
                  c == '\n'
                      || c == '\t'
                      || !List.of(
                              (int) Character.CONTROL,
                              (int) Character.FORMAT,
                              (int) Character.LINE_SEPARATOR,
                              (int) Character.PARAGRAPH_SEPARATOR)
                          .contains(Character.getType(c)));
    }
    assertThat(Stream.concat(outcome.outText().lines(), outcome.errText().lines()))
        .as("%s", outcome)
        .noneMatch(line -> line.startsWith("syschroot: all is fine"));
    assertThat(outcome.errText().lines())
        .as("%s", outcome)
        .allMatch(line -> line.matches("(syschroot: |hint: |  ).*"));
  }

  static List<List<String>> commands() {
    List<List<String>> commands = new ArrayList<>();
    Set<List<String>> subcommands = new HashSet<>();
    for (String line :
        List.of(
            "list",
            "list --json",
            "show evil",
            "show evil --json",
            "show EVIL",
            "status",
            "status --json",
            "status EVIL",
            "explain evil -- EVIL",
            "explain --format json evil -- EVIL EVIL",
            "explain --directory /EVIL evil -- ls",
            "explain --env EVIL evil",
            "run EVIL",
            "run evil -- EVIL",
            "run --user EVIL evil",
            "run --directory /EVIL evil -- true",
            "run --personality EVIL evil",
            "run --bind EVIL evil",
            "run --drop-capability EVIL evil",
            "run --EVIL evil",
            "mount EVIL",
            "mount --dry-run evil",
            "umount EVIL",
            "umount --dry-run evil",
            "doctor evil",
            "doctor evil --json",
            "doctor evil --nagios",
            "doctor EVIL",
            "which",
            "which --json",
            "which EVIL",
            "link evil --into /EVIL",
            "link evil --into /tmp/EVIL EVIL",
            "unlink /EVIL",
            "unlink /tmp/EVIL",
            "launcher show /tmp/EVIL",
            "launcher show EVIL",
            "uname-wrapper EVIL",
            "create EVIL --root /tmp/x --from-host sh",
            "create new --root EVIL --from-host EVIL",
            "create new --root /tmp/EVIL/x --from-host /EVIL",
            "remove EVIL",
            "import EVIL",
            "import schroot /EVIL",
            "syslog status",
            "syslog status --json",
            "syslog status EVIL",
            "syslog relay --stats /EVIL/x evil",
            "syslog relay --to /EVIL --when-full EVIL evil",
            "syslog config EVIL evil",
            "syslog test EVIL",
            "submit --scheduler EVIL evil",
            "submit --scheduler torque EVIL",
            "desktop EVIL",
            "EVIL")) {
      List<String> command = List.of(line.split(" "));
      int operands = Set.of("launcher", "syslog").contains(command.get(0)) ? 2 : 1;
      boolean isFirst = subcommands.add(command.subList(0, operands));
      if (Dose.isHeavy() || isFirst || line.contains("json")) {
        commands.add(command);
      }
    }
    return commands;
  }

  @ParameterizedTest
  @MethodSource("commands")
  void anyCommand_evilWords_areShownEscaped(List<String> command) throws Exception {
    Outcome outcome =
        run(command.stream().map(word -> word.replace("EVIL", EVIL)).toArray(String[]::new));
    assertHarmless(outcome);
    if (command.contains("--json") || command.contains("json")) {
      assertThat(JsonParser.parseString(outcome.outText())).isNotNull();
    }
  }

  @Test
  void list_description_keepsItsLettersAndLosesNothingInJson() throws Exception {
    assertThat(at.run("list").outText())
        .contains("\\x1b]0;owned\\x07\\x0asyschroot")
        .contains("üß日");
    String json = at.run("show", "evil", "--json").outText();
    assertThat(JsonParser.parseString(json).getAsJsonObject().get("description").getAsString())
        .isEqualTo(EVIL);
  }

  @Test
  void anyCommand_evilSettings_areShownEscaped() throws Exception {
    List<String> settings =
        List.of(
            "\"" + EVIL_TOML + "\" = 1",
            "cwd = \"" + EVIL_TOML + "\"",
            "personality = \"" + EVIL_TOML + "\"",
            "aliases = [\"" + EVIL_TOML + "\"]",
            "mounts = [\"" + EVIL_TOML + "\"]",
            "mounts = [\"/x:/y:" + EVIL_TOML + "\"]",
            "drop-capabilities = [\"" + EVIL_TOML + "\"]",
            "[environment]\nset = { \"=" + EVIL_TOML + "\" = \"x\" }",
            "description = \u001b]0;owned\u0007");
    List<String> names = IntStream.range(0, settings.size()).mapToObj(i -> "bad" + i).toList();
    for (int i = 0; i < names.size(); i++) {
      at.site.image(names.get(i), "root = \"" + at.root + "/data\"\n" + settings.get(i));
    }
    List<String> files = names.stream().map(name -> name + ".toml:").toList();
    for (String command : List.of("list", "status")) {
      Outcome outcome = at.run(command);
      assertHarmless(outcome);
      assertThat(outcome.errText()).as("%s", outcome).contains(files);
    }
    for (int i = 0; i < names.size(); i++) {
      Outcome outcome = at.run("show", names.get(i));
      assertHarmless(outcome);
      assertThat(outcome.errText()).as("%s", outcome).contains(files.get(i));
    }
  }

  @Test
  void umount_busyByAProcessOfAnEvilName_namesItEscaped() throws Exception {
    assertThat(at.run("mount", "plain").status()).isZero();
    Path place = Files.createDirectory(at.root.resolve("data").resolve("b\u001b[2J\nx"));
    String hog =
        "chdir shift or die; syscall(157, 15, my $n = qq(\\e[31mev\\nil\\a), 0, 0, 0);"
            + " $| = 1; print qq(ready\\n); sleep 1000";
    try (Program.Running busy = Program.of("perl", "-e", hog, place.toString()).start()) {
      LogHost.await(() -> busy.outSoFar().contains("ready"));
      Outcome outcome = at.run("umount", "plain");
      assertThat(outcome.status()).isEqualTo(125);
      assertHarmless(outcome);
      assertThat(outcome.errText())
          .contains("(\\x1b[31mev\\x0ail\\x07)")
          .contains("b\\x1b[2J\\x0ax");
    } finally {
      at.run("umount", "--lazy", "plain");
    }
  }

  @Test
  void doctor_filesOfEvilNames_areShownEscaped() throws Exception {
    Path program = at.root.resolve("etc").resolve("p\u001b[2J\nx\u009b");
    Files.write(program, new byte[] {0x7f, 'E', 'L', 'F'});
    Files.setAttribute(program, "unix:mode", 04755);
    for (String how : List.of("--verbose", "--json", "--nagios")) {
      assertHarmless(at.run("doctor", how, "evil"));
    }
  }

  @Test
  void syslogStatus_listenerOfAnEvilName_namesItEscaped() throws Exception {
    // Whoever may bind /dev/log: here on a /dev of this mount namespace only.
    Path dev = Files.createDirectory(at.directory.resolve("dev"));
    MountSite.host("mount", "-t", "tmpfs", "-o", "mode=755", "none", dev.toString());
    Files.createFile(dev.resolve("null"));
    MountSite.host("mount", "--bind", "/dev/null", dev.resolve("null").toString());
    MountSite.host("mount", "--move", dev.toString(), "/dev");
    String listener =
        "socket(S, 1, 2, 0); bind(S, pack('Sa*', 1, qq(/dev/log\\0))) or die; $0 = qq(\\e[2J\\nx);"
            + " syscall(157, 15, my $n = qq(\\e[31mev\\nil\\a), 0, 0, 0); $| = 1; print qq(ready\\n);"
            + " sleep 1000";
    try (Program.Running bound = Program.of("perl", "-e", listener).start()) {
      LogHost.await(() -> bound.outSoFar().contains("ready"));
      for (String option : List.of("--verbose", "--json")) {
        Outcome outcome =
            Program.of(
                    TestImages.command().toString(),
                    "syslog",
                    "status",
                    "--config",
                    at.site.directory().toString(),
                    option)
                .run();
        assertHarmless(outcome);
        assertThat(outcome.outText()).as("%s", outcome).contains("plain").contains("1b[31mev");
      }
    } finally {
      MountSite.host("umount", "--lazy", "/dev");
    }
  }

  /** Nothing in it is obeyed, whoever has made the file and whatever its plan says. */
  @Test
  void launcherShow_fileOfSomebodyElse_isShownEscaped() throws Exception {
    at.image("bare", TestImages.deb32());
    MountSite.host("mount", "-t", "tmpfs", "-o", "mode=755", "none", "/mnt");
    Outcome linked = at.run("link", "bare", "--into", "/mnt");
    assertThat(linked.status()).as("%s", linked).isZero();
    Path launcher = Path.of("/mnt/bare");
    byte[] bytes = Files.readAllBytes(launcher);
    byte[] root = TestImages.deb32().toString().getBytes(UTF_8);
    int changed = 0;
    for (int start = 0; start + root.length <= bytes.length; start++) {
      if (Arrays.equals(bytes, start, start + root.length, root, 0, root.length)) {
        byte[] evil = "/\u001b[2J\nsyschroot: all is fine".getBytes(UTF_8);
        System.arraycopy(evil, 0, bytes, start, Math.min(evil.length, root.length));
        changed++;
      }
    }
    assertThat(changed).isPositive();
    Path forged = at.directory.resolve("forged\u001b[2J\nx");
    Files.write(forged, bytes);
    Outcome outcome =
        Program.of(
                TestImages.command().toString(), "launcher", "show", "--listing", forged.toString())
            .run();
    assertThat(outcome.status()).as("%s", outcome).isNotZero();
    assertHarmless(outcome);
    MountSite.host("umount", "/mnt");
    assertHarmless(at.run("unlink", forged.toString()));
  }

  @Test
  void statusAndUmount_mountsOfEvilSourcesAndTargets_areShownEscaped() throws Exception {
    Path target = Files.createDirectory(at.root.resolve("data").resolve("t\u001b[2J\nx\u009b"));
    MountSite.host(
        "mount", "-t", "tmpfs", "s\u001b[31m\nsyschroot: all is fine\u0007", target.toString());
    try {
      for (String option : List.of("--verbose", "--json")) {
        Outcome outcome = at.run("status", option, "plain");
        assertHarmless(outcome);
        assertThat(outcome.outText()).as("%s", outcome).contains("1b[2J");
      }
      assertHarmless(at.run("umount", "--dry-run", "plain"));
      assertHarmless(at.run("doctor", "plain"));
      assertHarmless(at.run("remove", "--dry-run", "plain"));
    } finally {
      MountSite.host("umount", target.toString());
    }
  }

  /** As a name service could have it, or whoever edited the file. */
  @Test
  void accounts_ofEvilNames_areShownEscaped() throws Exception {
    Path etc = Files.createDirectory(at.directory.resolve("accounts"));
    String evil = "e\u001b[2Jvil\u0007";
    Files.writeString(
        etc.resolve("passwd"),
        "root:x:0:0:root:/root:/bin/sh\n"
            + evil
            + ":x:4321:4321:\u001b]0;owned\u0007:/home/\u001b[2J:/bin/\u001b[31msh\n");
    Files.writeString(etc.resolve("group"), "root:x:0:\n" + evil + ":x:4321:" + evil + "\n");
    for (String file : List.of("passwd", "group")) {
      MountSite.host("mount", "--bind", etc.resolve(file).toString(), "/etc/" + file);
    }
    try {
      at.site.image("evil", "root = \"" + at.root + "/etc\"\nusers = [\"" + toml(evil) + "\"]\n");
      for (String user : List.of(evil, "4321", "1:1")) {
        Outcome outcome = at.run("run", "--user", user, "evil", "--", "true");
        assertThat(outcome.status()).as("%s", outcome).isIn(125, 127);
        assertHarmless(outcome);
      }
      for (String command : List.of("doctor", "show", "status")) {
        assertHarmless(at.run(command, "evil"));
      }
      assertHarmless(at.run("link", "evil", "--into", at.directory.toString()));
    } finally {
      MountSite.host("umount", "/etc/passwd");
      MountSite.host("umount", "/etc/group");
    }
  }

  @Test
  void anyCommand_bytesThatAreNotUtf8_areShownEscaped() throws Exception {
    for (String command :
        List.of("show\\0caf\\xe9", "launcher\\0show\\0/tmp/caf\\xe9\\x9b", "unlink\\0/caf\\xe9")) {
      Outcome outcome =
          Program.of(
                  "perl",
                  "-e",
                  "@w = split /\\0/, qq(" + command + "); exec { $ARGV[0] } $ARGV[0], @w",
                  TestImages.command().toString())
              .run();
      assertThat(outcome.errText()).as("%s", outcome).contains("caf\\xe9");
      assertHarmless(outcome);
    }
  }
}
