// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.cli.JavaRuntime;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/**
 * What an earlier start has left is executed if and only if nothing of what it was made of has
 * changed. Whether it is executed shows where there is no Java any more.
 *
 * <p>Where each case takes a JVM of its own, every run does them by root and by a user in turn;
 * {@code -Pstress} does each by both.
 */
@RequiresRoot
@RequiresCommand({"debootstrap", "setpriv", "unshare"})
class CachedStartIT {
  private CachedStarts starts;
  private TestSite site;
  private JavaRuntime java;
  private Path home;
  private Path runtime;
  private String image;

  @BeforeEach
  void createSite() throws Exception {
    starts = new CachedStarts();
    site = starts.site;
    java = starts.java;
    home = starts.home;
    runtime = starts.runtime;
    image = starts.image;
  }

  @AfterEach
  void removeSite() throws Exception {
    starts.remove();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void furtherStart_otherCommandDirectoryAndEnvironment_needsNoJava(boolean asRoot)
      throws Exception {
    starts.prime(asRoot);
    List<String> words =
        starts.words(asRoot, "run", image, "--", "sh", "-c", "pwd; echo $A$1", "sh", "x");
    words.add(0, "A=b");
    words.add(0, "env");
    Outcome outcome = Program.of(words).in(Path.of("/")).run();
    assertThat(outcome).hasToString("status 0\nout: /\nbx\n\nerr: ");
  }

  @ParameterizedTest
  @CsvSource({"true,--throw-away", "false,--throw-away", "true,layer", "false,layer"})
  void furtherStart_withLayerInMemory_needsNoJavaAndIsGoneAfterwards(boolean asRoot, String how)
      throws Exception {
    site.image(image, CachedStarts.settings(how.equals("layer") ? "layer = \"throw-away\"\n" : ""));
    String option = how.equals("layer") ? "-q" : how;
    String write = "grep -c ' / / .* - overlay ' /proc/self/mountinfo; echo new >/new && cat /new";
    String[] words = {"run", option, image, "--", "sh", "-c", write};
    Outcome first = starts.withJava(asRoot, words);
    assertThat(first.outText()).isEqualTo("1\nnew\n");
    assertThat(starts.withoutJava(asRoot, words)).hasToString(first.toString());
    assertThat(TestImages.deb32().resolve("new")).doesNotExist();
  }

  /** Returns whether root does it, and what. */
  private static Stream<Arguments> inTurn(String... cases) {
    return IntStream.range(0, 2 * cases.length)
        .filter(i -> Dose.isHeavy() || i % 2 == i / 2 % 2)
        .mapToObj(i -> Arguments.of(i % 2 == 0, cases[i / 2]));
  }

  static Stream<Arguments> programs() {
    return inTurn("/no/such/program", "nosuch", "/etc/passwd", "/tmp");
  }

  @ParameterizedTest
  @MethodSource("programs")
  void furtherStart_programThatCannotRun_isToldAsByTheJvm(boolean asRoot, String program)
      throws Exception {
    starts.prime(asRoot);
    Outcome byJvm = starts.withJava(asRoot, "run", "--no-cache", image, "--", program);
    assertThat(byJvm.status()).isIn(126, 127);
    assertThat(starts.withJava(asRoot, "run", image, "--", program)).hasToString(byJvm.toString());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void furtherStart_directoryThatIsMissing_isToldAsByTheJvm(boolean asRoot) throws Exception {
    starts.prime(asRoot);
    Path here = site.directory();
    List<String> cached = starts.words(asRoot, "run", image, "--", "true");
    List<String> byJvm = starts.words(asRoot, "run", "--no-cache", image, "--", "true");
    Path programs = home.resolve("bin");
    Files.createSymbolicLink(programs, java.home().resolve("bin"));
    Outcome expected = Program.of(byJvm).in(here).run();
    assertThat(expected.status()).isEqualTo(125);
    assertThat(Program.of(cached).in(here).run()).hasToString(expected.toString());
  }

  static Stream<Arguments> changes() {
    return inTurn("settings", "other image", "defaults", "lib", "permissions");
  }

  @ParameterizedTest
  @MethodSource("changes")
  void furtherStart_configurationChanged_asksTheJvm(boolean asRoot, String change)
      throws Exception {
    starts.prime(asRoot);
    switch (change) {
      case "settings" -> site.image(image, CachedStarts.settings("shell = \"/bin/bash\"\n"));
      case "other image" -> site.image("other", CachedStarts.settings(""));
      case "defaults" ->
          Files.writeString(site.directory().resolve("syschroot.toml"), "[defaults]\n");
      case "lib" -> Files.createDirectory(site.directory().resolve("lib"));
      default ->
          Files.setPosixFilePermissions(
              site.file(image), PosixFilePermissions.fromString("rw-rw-r--"));
    }
    starts.requireNotCached(asRoot, "run", image, "--", "true");
  }

  @Test
  void furtherStart_variableThatDecides_asksTheJvm() throws Exception {
    starts.prime(false);
    for (String variable :
        List.of("HOME=/", "XDG_CONFIG_HOME=/", "JAVA_HOME=/nowhere", "XDG_RUNTIME_DIR=/nowhere")) {
      List<String> words = starts.words(false, "run", image, "--", "true");
      words.add(words.indexOf("XDG_RUNTIME_DIR=" + runtime) + 1, variable);
      assertThat(Program.of(words).run().errText()).as(variable).contains(CachedStarts.NO_JAVA);
    }
  }

  @Test
  void furtherStart_withoutPrivilegesOrGroupsOfBefore_asksTheJvm() throws Exception {
    starts.prime(true);
    for (String option : List.of("--no-new-privs", "--bounding-set=-sys_boot", "--groups=4")) {
      List<String> words = starts.words(true, "run", image, "--", "true");
      words.addAll(0, List.of("setpriv", option));
      assertThat(Program.of(words).run().errText()).as(option).contains(CachedStarts.NO_JAVA);
    }
  }

  @Test
  void furtherStart_otherOptionsOrImageOrKind_asksTheJvm() throws Exception {
    starts.prime(true);
    site.image("another", CachedStarts.settings(""));
    starts.requireNotCached(true, "run", "--login", image, "--", "true");
    starts.requireNotCached(true, "run", "--no-cache", image, "--", "true");
    starts.requireNotCached(true, "run", "-v", image, "--", "true");
    starts.requireNotCached(true, "run", "--user", "0", image, "--", "true");
    starts.requireNotCached(true, "run", "another", "--", "true");
    starts.requireNotCached(true, "run", image);
    starts.requireNotCached(true, "run", "-c", "true", image);
  }

  @Test
  void furtherStart_optionsBeforeAndBehindTheImage_needsNoJava() throws Exception {
    String[] words = {
      "run",
      "--env",
      "A=1",
      "-q",
      image,
      "--unset-env=HOME",
      "--as",
      "me",
      "--",
      "sh",
      "-c",
      "echo $0 $A ${HOME-none}"
    };
    Outcome first = starts.withJava(true, words);
    assertThat(first.outText()).isEqualTo("me 1 none\n");
    assertThat(starts.withoutJava(true, words)).hasToString(first.toString());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void furtherStart_shellAndCommandLine_needNoJava(boolean asRoot) throws Exception {
    for (String[] words :
        List.of(
            new String[] {"run", image},
            new String[] {"run", "-c", "echo $0 $1 $-", image, "a", "b"},
            new String[] {"run", "--login", "-c", "echo $0", image},
            new String[] {"run", "--directory", "/usr", image, "--", "pwd"},
            new String[] {"run", "--clear-env", "--directory", "/", image, "--", "env"})) {
      Outcome first = starts.withJava(asRoot, words);
      assertThat(first.status()).as("%s: %s", Arrays.toString(words), first).isZero();
      assertThat(starts.withoutJava(asRoot, words))
          .as(Arrays.toString(words))
          .hasToString(first.toString());
    }
  }

  /** In one mount namespace, which is part of what a start is known by. */
  @Test
  void furtherStart_mountsChanged_asksTheJvmUntilTheyAreAsBefore() throws Exception {
    String script =
        "set -e; root=$1; shift; ln -s \"$2\" \"$1/bin\"; java=$1; shift 2; \"$@\" true;"
            + " rm \"$java/bin\"; \"$@\" echo cached; mount --bind /usr $root/srv;"
            + " \"$@\" echo no || echo asked; umount $root/srv; \"$@\" echo again";
    List<String> words = new ArrayList<>(List.of("unshare", "-m", "--propagation", "private"));
    words.addAll(List.of("sh", "-c", script, "sh", TestImages.deb32().toString()));
    words.addAll(List.of(home.toString(), java.home().resolve("bin").toString()));
    words.addAll(starts.words(true, "run", image, "--"));
    Outcome outcome = Program.of(words).run();
    assertThat(outcome.outText()).as("%s", outcome).isEqualTo("cached\nasked\nagain\n");
    assertThat(outcome.errText()).contains(CachedStarts.NO_JAVA);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void entry_notOurOwnWholeOne_isNeverExecuted(boolean asRoot) throws Exception {
    starts.prime(asRoot);
    Path entry = starts.entry(asRoot);
    byte[] good = Files.readAllBytes(entry);
    for (String attack :
        List.of(
            "cut",
            "longer",
            "version",
            "key",
            "owner",
            "link",
            "hard link",
            "mode",
            "fifo",
            "empty",
            "directory")) {
      // No hard link leads into another mount.
      Path aside = entry.resolveSibling(image + "-aside");
      attack(attack, asRoot, entry, good.clone(), aside);
      assertThat(starts.withoutJava(asRoot, "run", image, "--", "true").toString())
          .as(attack)
          .startsWith("status 125")
          .contains(CachedStarts.NO_JAVA);

      Files.deleteIfExists(entry);
      Files.deleteIfExists(aside);
      Files.write(entry, good);
      Files.setPosixFilePermissions(entry, PosixFilePermissions.fromString("rw-------"));
      Files.setAttribute(entry, "unix:uid", asRoot ? 0 : CachedStarts.NOBODY);
      starts.requireCached(asRoot, "run", image, "--", "true");
    }
  }

  private static void attack(String attack, boolean asRoot, Path entry, byte[] good, Path aside)
      throws Exception {
    switch (attack) {
      case "cut" -> Files.write(entry, Arrays.copyOf(good, good.length - 1));
      case "longer" -> Files.write(entry, Arrays.copyOf(good, good.length + 1));
      case "empty" -> Files.write(entry, new byte[0]);
      case "version" -> {
        good["syschroot-start ".length()]++;
        Files.write(entry, good);
      }
      case "key" -> {
        int key = new String(good, StandardCharsets.ISO_8859_1).indexOf("\nK\t");
        good[key + 3] = (byte) (good[key + 3] == '2' ? '3' : '2');
        Files.write(entry, good);
      }
      case "owner" -> Files.setAttribute(entry, "unix:uid", asRoot ? CachedStarts.NOBODY : 1);
      case "mode" ->
          Files.setPosixFilePermissions(entry, PosixFilePermissions.fromString("rw--w----"));
      case "link" -> {
        Files.move(entry, aside);
        Files.createSymbolicLink(entry, aside);
      }
      case "hard link" -> Files.createLink(aside, entry);
      case "fifo" -> {
        Files.delete(entry);
        Program.of("mkfifo", "-m", "600", entry.toString()).run();
        Files.setAttribute(entry, "unix:uid", asRoot ? 0 : CachedStarts.NOBODY);
      }
      default -> {
        Files.delete(entry);
        Files.createDirectory(entry);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwxrwx---", "rwxr-xr-x", "rwx----w-"})
  void directory_openToOthers_isNotUsed(String permissions) throws Exception {
    starts.prime(false);
    Path directory = starts.entry(false).getParent();
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(permissions));
    starts.requireNotCached(false, "run", image, "--", "true");
    assertThat(starts.withJava(false, "run", image, "--", "true"))
        .hasToString("status 0\nout: \nerr: ");
    starts.requireNotCached(false, "run", image, "--", "true");
  }

  @Test
  void directory_ofSomebodyElse_isNotUsed() throws Exception {
    starts.prime(false);
    Files.setAttribute(runtime, "unix:uid", 1);
    starts.requireNotCached(false, "run", image, "--", "true");
  }

  /** Root is told a runtime directory too, and must not look there. */
  @Test
  void runtimeDirectory_ofRoot_isNotLookedAt() throws Exception {
    starts.prime(true);
    assertThat(starts.entriesOf(runtime)).isEmpty();
    assertThat(starts.entriesOf(Path.of("/run"))).hasSize(1);
  }

  @Test
  void entry_exchangedAllTheTime_isExecutedWholeOrNotAtAll() throws Exception {
    starts.prime(false);
    Path entry = starts.entry(false);
    Path good = Files.copy(entry, runtime.resolve("good"));
    byte[] bytes = Files.readAllBytes(entry);
    Path cut = Files.write(runtime.resolve("cut"), Arrays.copyOf(bytes, bytes.length - 500));
    for (Path file : List.of(good, cut)) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      Files.setAttribute(file, "unix:uid", CachedStarts.NOBODY);
    }
    String exchange =
        "while [ -e \"$1/on\" ]; do for f in good cut; do cp -p \"$1/$f\" \"$1/next\";"
            + " mv \"$1/next\" \"$2\"; cat \"$1/$f\" > \"$2\"; done; done";
    Path on = Files.createFile(runtime.resolve("on"));
    int cached = 0;
    try (Program.Running other =
        Program.of("sh", "-c", exchange, "sh", runtime.toString(), entry.toString()).start()) {
      for (int i = 0; i < 60; i++) {
        Outcome outcome = starts.withoutJava(false, "run", image, "--", "echo", "whole");
        if (outcome.status() == 0) {
          cached++;
          assertThat(outcome).hasToString("status 0\nout: whole\n\nerr: ");
        } else {
          assertThat(outcome.errText()).contains(CachedStarts.NO_JAVA);
        }
      }
      Files.delete(on);
      other.await();
    }
    assertThat(cached).isBetween(1, 60);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cached-starts = false|cached-starts = false",
        "accounts = \"merged\"|accounts and files",
        "drop-capabilities = [\"sys_module\"]|root drops capabilities"
      })
  void explain_settingThatForbids_saysWhy(String setting, String reason) throws Exception {
    byte[] accounts = Files.readAllBytes(TestImages.deb32().resolve("etc/passwd"));
    site.image(image, CachedStarts.settings(setting + "\n"));
    assertThat(starts.withJava(true, "explain", image, "--", "true").outText())
        .contains("\nnot cached: ")
        .contains(reason);
    try {
      starts.withJava(true, "run", image, "--", "true");
      starts.requireNotCached(true, "run", image, "--", "true");
    } finally {
      // The tree is that of other tests, too, so it gets its own accounts back.
      site.image(image, CachedStarts.settings(""));
      starts.withJava(true, "sync", image);
    }
    assertThat(TestImages.deb32().resolve("etc/passwd")).hasBinaryContent(accounts);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--user 0|option --user",
        "--no-cache|--no-cache",
        "--without-mount /tmp|option --without-mount"
      })
  void explain_optionThatForbids_saysWhy(String options, String reason) throws Exception {
    List<String> words = new ArrayList<>(List.of("explain"));
    words.addAll(List.of(options.split(" ")));
    words.addAll(List.of(image, "--", "true"));
    assertThat(starts.withJava(true, words.toArray(String[]::new)).outText())
        .endsWith("not cached: " + reason + "\n");
  }

  @Test
  void explain_plainStart_saysThatItIsCachedAndLeavesNothing() throws Exception {
    assertThat(starts.withJava(true, "explain", image, "--", "true").outText())
        .endsWith("\ncached for the next start\n");
    assertThat(starts.withJava(true, "explain", "--format", "json", image, "--", "true").outText())
        .contains("\"cached\": true");
    assertThat(starts.entriesOf(Path.of("/run"))).isEmpty();
  }

  @Test
  void userWithoutRuntimeDirectory_isToldByExplain() throws Exception {
    List<String> words = starts.words(false, "explain", image, "--", "true");
    words.remove("XDG_RUNTIME_DIR=" + runtime);
    assertThat(starts.with(words).outText()).endsWith("not cached: XDG_RUNTIME_DIR is not set\n");
  }

  @Test
  void extension_inLib_isNotCached() throws Exception {
    Path lib = Files.createDirectory(site.directory().resolve("lib"));
    Files.write(lib.resolve("empty.jar"), emptyJar());
    assertThat(starts.withJava(true, "explain", image, "--", "true").outText())
        .contains("not cached: extensions in " + lib);
    assertThat(starts.withJava(true, "explain", "--no-site-code", image, "--", "true").outText())
        .endsWith("cached for the next start\n");
  }

  private static byte[] emptyJar() {
    byte[] jar = new byte[22];
    System.arraycopy(new byte[] {'P', 'K', 5, 6}, 0, jar, 0, 4);
    return jar;
  }
}
