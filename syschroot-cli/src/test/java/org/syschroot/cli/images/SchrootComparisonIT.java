// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.Syschroot;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;
import org.syschroot.config.FileTrust;
import org.syschroot.images.schroot.SchrootImport;
import org.syschroot.kernel.Accounts;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.spawn.SwitchedProcess;
import org.syschroot.testing.Dose;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/**
 * What a program sees in a chroot of schroot and in the image that its definition becomes: mounts
 * with their options, identity, uname and environment are the same, or a line of the import says
 * what is not. Every run enters a third of the images by {@code run}, and the others by the library
 * in this JVM; {@code -Pstress} enters each by {@code run}.
 */
@InOwnMountNamespace
@RequiresCommand("schroot")
class SchrootComparisonIT {
  private static final String FACTS =
      """
      uname -m; id -u; id -g; id -G
      echo "${FOO-unset} ${BAR-unset} ${LD_T-unset}"
      [ -r /proc/self/mountinfo ] || exit 0
      cat /proc/self/personality
      while read -r number parent device root point options rest; do
        case $point in
          /mnt*|/opt*|/srv*|/media*)
            echo "$root $point" $(echo "$options" | tr , '\\n' | grep -E '^(ro|nosuid|nodev|noexec)$') ;;
        esac
      done < /proc/self/mountinfo
      """;

  private static final String PROC = "/proc /proc none rw,bind 0 0\n";

  @TempDir static Path folder;

  private static TestSite site;
  private static Path etc;
  private static Path sources;

  @BeforeAll
  static void takeTheConfiguration() throws Exception {
    site = TestSite.empty();
    etc = Files.createDirectory(folder.toRealPath().resolve("schroot"));
    sources = Files.createDirectory(folder.toRealPath().resolve("sources"));
    for (String name : List.of("a", "b", "a b")) {
      Files.createDirectory(sources.resolve(name));
    }
    Files.writeString(sources.resolve("file"), "");
    run("cp", "-r", "/etc/schroot/.", etc.toString());
    run("mount", "--bind", etc.toString(), "/etc/schroot");
  }

  @AfterAll
  static void giveItBack() throws Exception {
    run("umount", "/etc/schroot");
    site.close();
  }

  private static Outcome run(String... words) throws IOException, InterruptedException {
    Outcome outcome = Program.of(words).run();
    assertThat(outcome.status()).as("%s: %s", List.of(words), outcome).isZero();
    return outcome;
  }

  private static void clear(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  /** Writes the definition of the chroot "t", and the files of its profile. */
  private static void define(String keys, String fstab) throws IOException {
    clear(etc.resolve("chroot.d"));
    clear(site.directory().resolve("images.d"));
    Path profile = Files.createDirectories(etc.resolve("p"));
    Files.writeString(profile.resolve("fstab"), PROC + fstab);
    Files.writeString(
        profile.resolve("other"),
        PROC + "SRC/b /opt none rbind 0 0\n".replace("SRC", sources.toString()));
    Files.writeString(profile.resolve("copyfiles"), "");
    Files.writeString(profile.resolve("nssdatabases"), "");
    Path scripted = Files.createDirectories(etc.resolve("q"));
    Files.writeString(scripted.resolve("config"), "FSTAB=\"/etc/schroot/p/other\"\n");
    Files.writeString(scripted.resolve("fstab"), PROC);
    Files.writeString(scripted.resolve("copyfiles"), "");
    Files.writeString(scripted.resolve("nssdatabases"), "");
    String type = keys.startsWith("type=") ? "" : "type=directory\n";
    String where =
        keys.contains("profile=") || keys.contains("script-config=") ? "" : "profile=p\n";
    Files.writeString(
        etc.resolve("chroot.d/t"), "[t]\n" + type + "directory=" + root() + "\n" + where + keys);
  }

  private static Path root() throws IOException {
    try {
      return TestImages.deb32();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static String inSchroot(String user) throws Exception {
    List<String> words =
        List.of("schroot", "-q", "-c", "t", "-u", user, "-d", "/", "--", "sh", "-c", FACTS);
    Outcome outcome = Program.of(words).with(variables()).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    return outcome.outText();
  }

  private static String inImage(String user) throws Exception {
    Outcome outcome =
        site.program("-u", user, "-d", "/", "t", "--", "sh", "-c", FACTS).with(variables()).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    return outcome.outText();
  }

  private static String byLibrary(String user) throws Exception {
    Accounts accounts = Accounts.ofHost();
    Accounts.User account = accounts.user(user).orElseThrow();
    Syschroot syschroot = Syschroot.load(site.directory());
    SwitchRequest request =
        SwitchRequest.in(syschroot.image("t"))
            .command("sh", "-c", FACTS)
            .directory("/")
            .identity(
                new Identity(account.uid(), account.gid(), accounts.groupsOf(user, account.gid())));
    for (Map.Entry<String, String> variable : variables().entrySet()) {
      request = request.variable(OsString.of(variable.getKey()), OsString.of(variable.getValue()));
    }
    SwitchedProcess process = syschroot.start(request);
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s%s", out, err).isZero();
    return out;
  }

  private static Map<String, String> variables() {
    return Map.of("FOO", "foo", "BAR", "b a r", "LD_T", "t");
  }

  /** Imports what is defined, and returns what the import has to say. */
  private static String imported() throws Exception {
    SchrootImport result =
        SchrootImport.read(List.of(Path.of("/etc/schroot/chroot.d/t")), FileTrust.ANY);
    site.image("t", result.images().get(0).settings());
    return result.findings().toString();
  }

  /**
   * Compares one definition.
   *
   * @param definition its keys besides type and directory, separated by "|", and behind a "+" the
   *     lines of its fstab
   */
  private static void compare(String definition, String user) throws Exception {
    int plus = definition.indexOf('+');
    String keys = plus < 0 ? definition : definition.substring(0, plus);
    String fstab = plus < 0 ? "" : definition.substring(plus + 1);
    if (!keys.contains("personality=")) {
      keys = "personality=linux|" + keys;
    }
    if (keys.startsWith("personality=linux|type=")) {
      keys = keys.substring("personality=linux|".length()) + "|personality=linux";
    }
    define(
        keys.replace('|', '\n') + "\npreserve-environment=true\nenvironment-filter=^$\n",
        fstab.replace('|', '\n').replace("SRC", sources.toString()) + "\n");

    String said = imported();
    boolean byRun = Dose.isHeavy() || Math.floorMod(definition.hashCode(), 3) == 0;
    assertThat(byRun ? inImage(user) : byLibrary(user))
        .as("%s\nsaid: %s", definition, said)
        .isEqualTo(inSchroot(user));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "personality=linux",
        "personality=linux32",
        "personality=linux_32bit",
        "personality=svr4",
        "personality=bsd",
        "personality=scorvr3",
        "personality=xenix",
        "description=a text with \"quotes\" and \\",
        "aliases=one,two|shell=/bin/bash",
        "users=nobody|groups=daemon",
        "type=plain",
        "type=plain|personality=linux32",
        "+SRC/a /mnt none bind 0 0",
        "+SRC/a /mnt none rw,bind 0 0",
        "+SRC/a /mnt none ro,bind 0 0",
        "+SRC/a /mnt none rbind 0 0",
        "+SRC/a /mnt none ro,rbind 0 0",
        "+SRC/a /mnt none rbind,rslave 0 0",
        "+SRC/a /mnt none rbind,rprivate 0 0",
        "+SRC/a /mnt none bind,slave 0 0",
        "+SRC/a /mnt none bind,private 0 0",
        "+SRC/a /mnt none bind,nosuid 0 0",
        "+SRC/a /mnt none bind,nodev 0 0",
        "+SRC/a /mnt none bind,noexec 0 0",
        "+SRC/a /mnt none bind,ro,nosuid,nodev,noexec 0 0",
        "+SRC/a\\040b /mnt none bind 0 0",
        "+SRC/a /mnt none bind 0 0|SRC/b /opt none bind,ro 0 0",
        "+SRC/a\t/mnt\tnone\tbind\t0\t0|# a comment||",
        "+  SRC/a   /mnt   none   bind   0   0",
        "+SRC/a /mnt none bind,auto,suid,dev,exec 0 0",
        "+srv /mnt none bind 0 0",
        "setup.fstab=p/other+SRC/a /mnt none bind 0 0",
        "setup.fstab=+SRC/a /mnt none bind 0 0",
        "setup.copyfiles=|setup.nssdatabases=+SRC/a /mnt none bind 0 0",
        "script-config=q/config+SRC/a /mnt none bind 0 0",
        "profile=q",
        "profile=q|setup.fstab=p/fstab+SRC/a /mnt none bind 0 0",
        "profile=minimal|setup.copyfiles=|setup.nssdatabases=",
      })
  void program_inEither_seesTheSame(String definition) throws Exception {
    compare(definition, "root");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "users=nobody",
        "groups=nogroup",
        "users=nobody|personality=linux32+SRC/a /mnt none ro,bind 0 0",
      })
  void program_ofAnotherUser_seesTheSame(String definition) throws Exception {
    compare(definition, "nobody");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "setup.services=cron+#setup.services: services are not started",
        "command-prefix=nice+#command-prefix: no command prefix",
        "setup.fstab=/etc/schroot/p/other+#setup.fstab is omitted: schroot reads it only from",
        "root-users=nobody+#root-users: a launcher cannot change the user to root",
        "+tmpfs /mnt tmpfs defaults 0 0#this is of type tmpfs",
        "+SRC/a /mnt none bind,noatime 0 0#have no option noatime",
      })
  void schrootImport_whatCannotBeTheSame_isSaid(String definition) throws Exception {
    int hash = definition.indexOf('#');
    int plus = definition.indexOf('+');
    define(
        definition.substring(0, plus) + "\npreserve-environment=true\nenvironment-filter=^$\n",
        definition.substring(plus + 1, hash).replace("SRC", sources.toString()) + "\n");
    assertThat(imported()).contains(definition.substring(hash + 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "preserve-environment=false"})
  void schrootImport_smallEnvironment_isSaid(String keys) throws Exception {
    define("personality=linux\n" + keys + "\n", "");
    assertThat(imported()).contains("starts with a small environment in schroot");
    assertThat(inSchroot("root")).contains("unset unset unset");
    List<String> words = new ArrayList<>(List.of("--clear-env", "--env", "PATH=/usr/bin:/bin"));
    words.addAll(List.of("-d", "/", "t", "--", "sh", "-c", FACTS));
    assertThat(site.program(words.toArray(String[]::new)).with(variables()).run().outText())
        .isEqualTo(inSchroot("root"));
  }
}
