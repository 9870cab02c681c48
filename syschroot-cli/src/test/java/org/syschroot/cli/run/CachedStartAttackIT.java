// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** Places where entries are kept, and callers, that are not what they seem to be. */
@RequiresRoot
@RequiresCommand({"debootstrap", "setpriv", "unshare", "sudo"})
class CachedStartAttackIT {
  private static final int NOBODY = CachedStarts.NOBODY;
  private static final String CACHED = "status 0\nout: \nerr: ";

  private CachedStarts starts;

  @BeforeEach
  void createSite() throws Exception {
    starts = new CachedStarts();
  }

  @AfterEach
  void removeSite() throws Exception {
    starts.remove();
  }

  private List<String> start(boolean asRoot) {
    return starts.words(asRoot, "run", starts.image, "--", "true");
  }

  /** The command line behind env(1), and what it sets. */
  private List<String> behindEnv(List<String> words) {
    return new ArrayList<>(words.subList(words.indexOf("env"), words.size()));
  }

  private void requireNotCached(List<String> words) throws Exception {
    Outcome outcome = Program.of(words).run();
    assertThat(outcome.errText()).contains(CachedStarts.NO_JAVA);
    assertThat(outcome.status()).isEqualTo(125);
  }

  private static void own(Path path, int uid) throws Exception {
    Files.setAttribute(path, "unix:uid", uid);
  }

  /** As by sudo -E: root has the user's variables, and an entry for root's key lies there. */
  @Test
  void sudo_fromUserToRootWithTheUsersVariables_neverLooksAtTheUsersEntries() throws Exception {
    starts.prime(false);
    starts.prime(true);
    Path roots = starts.entry(true);
    Path planted = starts.entry(false).resolveSibling(roots.getFileName());
    Files.move(roots, planted); // root's own, whole and for this very start
    List<String> words = behindEnv(start(true));
    words.addAll(0, List.of("sudo", "-n", "-E"));
    requireNotCached(words);
    own(planted, NOBODY);
    requireNotCached(words);
    assertThat(starts.with(words)).hasToString(CACHED);
    assertThat(starts.entriesOf(Path.of("/run"))).hasSize(1); // made anew in root's own place
    assertThat(Program.of(words).run()).hasToString(CACHED);
  }

  /** As by sudo -E -u nobody: the user has root's variables, and cannot use root's directory. */
  @Test
  void sudo_fromRootToUserWithRootsVariables_leavesAndUsesNothing() throws Exception {
    own(starts.runtime, 0);
    List<String> words = behindEnv(start(false));
    words.addAll(0, List.of("sudo", "-n", "-E", "-u", "#65534", "-g", "#65534"));
    assertThat(starts.with(words)).hasToString(CACHED);
    requireNotCached(words);
    assertThat(starts.runtime).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwx------", "rwxr-xr-x", "rwxrwxrwx"})
  void runtimeDirectory_ofAnotherUser_isNeitherReadNorWritten(String permissions) throws Exception {
    starts.prime(false);
    Path entry = starts.entry(false);
    byte[] content = Files.readAllBytes(entry);
    own(starts.runtime, 1);
    Files.setPosixFilePermissions(starts.runtime, PosixFilePermissions.fromString(permissions));
    requireNotCached(start(false));
    assertThat(starts.with(start(false))).hasToString(CACHED);
    assertThat(entry).hasBinaryContent(content);
  }

  /** Whoever has the number of a removed user is another one if anything else differs. */
  @Test
  void directory_leftByARemovedUserOfTheSameNumber_isUsedForTheSameKeyOnly() throws Exception {
    starts.prime(false);
    for (String option : List.of("--regid=65533", "--groups=65533")) {
      List<String> words = start(false);
      words.removeIf(word -> word.equals("--clear-groups") || word.startsWith("--regid"));
      words.add(1, option);
      words.add(1, option.startsWith("--regid") ? "--clear-groups" : "--regid=65534");
      requireNotCached(words);
    }
    List<String> otherHome = start(false);
    otherHome.add(otherHome.indexOf("env") + 1, "HOME=/home/new");
    requireNotCached(otherHome);
  }

  @Test
  void entry_ofAnotherUserByAHardLink_isNotExecuted() throws Exception {
    // Beneath /run too, since no hard link leads into another mount.
    Path runtime = Files.createTempDirectory(Path.of("/run"), "syschroot-it");
    own(runtime, NOBODY);
    List<String> user = start(false);
    user.set(user.indexOf("XDG_RUNTIME_DIR=" + starts.runtime), "XDG_RUNTIME_DIR=" + runtime);
    starts.prime(true);
    assertThat(starts.with(user)).hasToString(CACHED);
    assertThat(Program.of(user).run()).hasToString(CACHED);

    Path users = starts.entriesOf(runtime).get(0);
    Files.delete(users);
    Files.createLink(users, starts.entry(true));
    requireNotCached(user);
    // Nor is root's any more, as long as it has a second name.
    starts.requireNotCached(true, "run", starts.image, "--", "true");
    Files.delete(users);
    starts.requireCached(true, "run", starts.image, "--", "true");
    Program.of("rm", "-r", runtime.toString()).run();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "syschroot", "syschroot/starts"})
  void directory_thatIsALink_isNeitherReadNorWritten(String which) throws Exception {
    starts.prime(false);
    Path directory = which.isEmpty() ? starts.runtime : starts.runtime.resolve(which);
    Path real = starts.site.directory().resolve("real");
    Files.move(directory, real);
    Files.createSymbolicLink(directory, real);
    own(starts.site.directory(), NOBODY); // so that only the link can be what is the matter
    starts.requireNotCached(false, "run", starts.image, "--", "true");
    List<Path> before = filesIn(real);
    assertThat(starts.with(starts.words(false, "run", "-q", starts.image, "--", "true")))
        .hasToString(CACHED);
    assertThat(filesIn(real)).isEqualTo(before);
    own(starts.site.directory(), 0);
  }

  private static List<Path> filesIn(Path directory) throws Exception {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.sorted().toList();
    }
  }

  /** In a mount namespace with a /run of its own, where the directory is a link to another one. */
  @ParameterizedTest
  @ValueSource(strings = {"/run/syschroot", "/run/syschroot/starts"})
  void directoryOfRoot_thatIsALink_isNeitherReadNorWritten(String which) throws Exception {
    String script =
        "set -e; mount -t tmpfs -o mode=755 tmpfs /run; which=$1; home=$2; bin=$3; shift 3;"
            + " ln -s \"$bin\" \"$home/bin\"; \"$@\"; mv $which /run/real; ln -s /run/real $which;"
            + " rm \"$home/bin\"; \"$@\" || echo \"not read: $?\"; ln -s \"$bin\" \"$home/bin\";"
            + " find /run/real -type f -print -delete | wc -l; \"$@\"; rm \"$home/bin\";"
            + " find /run/real -type f";
    Outcome outcome = inNamespace(script, List.of(which), start(true));
    assertThat(outcome.outText()).as("%s", outcome).isEqualTo("not read: 125\n1\n");
    assertThat(outcome.errText()).contains(CachedStarts.NO_JAVA);
    assertThat(outcome.status()).isZero();
  }

  private Outcome inNamespace(String script, List<String> operands, List<String> start)
      throws Exception {
    List<String> words = new ArrayList<>(List.of("unshare", "-m", "--propagation", "private"));
    words.addAll(List.of("sh", "-c", script, "sh"));
    words.addAll(operands);
    words.addAll(List.of(starts.home.toString(), starts.java.home().resolve("bin").toString()));
    words.addAll(start);
    return Program.of(words).run();
  }

  @ParameterizedTest
  @CsvSource({"true,size=4k", "false,size=4k", "true,nr_inodes=4", "false,nr_inodes=4"})
  void filesystem_full_isNoErrorAndLeavesNoPart(boolean asRoot, String limit) throws Exception {
    String script =
        "set -e; place=$1; limit=$2; home=$3; bin=$4; shift 4;"
            + " mount -t tmpfs -o mode=700,uid=$(stat -c %u $place),$limit tmpfs $place;"
            + " ln -s \"$bin\" \"$home/bin\"; \"$@\"; \"$@\"; rm \"$home/bin\";"
            + " find $place -type f -size +0; \"$@\"";
    String place = asRoot ? "/run" : starts.runtime.toString();
    Outcome outcome = inNamespace(script, List.of(place, limit), start(asRoot));
    if (limit.startsWith("size")) {
      assertThat(outcome.outText()).isEmpty();
      assertThat(outcome.errText()).startsWith("syschroot: ").contains(CachedStarts.NO_JAVA);
      assertThat(outcome.status()).isEqualTo(125);
    } else {
      // Root, two directories, one file: just enough for one entry.
      assertThat(outcome.status()).as("%s", outcome).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void runtimeDirectory_noexec_isCachedAllTheSame(boolean asRoot) throws Exception {
    String script =
        "set -e; place=$1; home=$2; bin=$3; shift 3;"
            + " mount -t tmpfs -o mode=700,noexec,uid=$(stat -c %u $place) tmpfs $place;"
            + " ln -s \"$bin\" \"$home/bin\"; \"$@\"; rm \"$home/bin\"; \"$@\"";
    String place = asRoot ? "/run" : starts.runtime.toString();
    assertThat(inNamespace(script, List.of(place), start(asRoot))).hasToString(CACHED);
  }

  /** 1: what does not ask for it cannot be executed; 2: nothing in memory can, so the JVM does. */
  @ParameterizedTest
  @CsvSource({"true,1", "false,1", "true,2"})
  void memory_thatMayNotBeExecuted_isNoError(boolean asRoot, int setting) throws Exception {
    String script =
        "set -e; setting=$1; home=$2; bin=$3; shift 3;"
            + " echo $setting >/proc/sys/vm/memfd_noexec; ln -s \"$bin\" \"$home/bin\";"
            + " \"$@\"; [ $setting = 2 ] || rm \"$home/bin\"; \"$@\"; rm -f \"$home/bin\"";
    List<String> words = new ArrayList<>(List.of("unshare", "-m", "-p", "-f", "--mount-proc"));
    words.addAll(List.of("sh", "-c", script, "sh", String.valueOf(setting)));
    words.addAll(List.of(starts.home.toString(), starts.java.home().resolve("bin").toString()));
    words.addAll(start(asRoot));
    assertThat(Program.of(words).run()).hasToString(CACHED);
  }

  /** Whoever updates the program changes its files, and what an earlier one planned is void. */
  @Test
  void program_changed_asksTheJvm() throws Exception {
    List<String> changes = List.of("touch", "replace", "remove");
    List<Path> copies = new ArrayList<>();
    for (String change : changes) {
      copies.add(install(starts.site.directory().resolve(change)));
    }
    Thread.sleep(1100); // a file of the second in which the program begins might be another one
    for (String change : changes) {
      Path installed = starts.site.directory().resolve(change);
      List<String> words = start(true);
      words.set(
          words.indexOf(TestImages.command().toString()),
          installed.resolve("bin/syschroot").toString());
      assertThat(starts.with(words)).as(change).hasToString(CACHED);
      assertThat(Program.of(words).run()).as(change).hasToString(CACHED);
      Path changed = copies.get(changes.indexOf(change));
      switch (change) {
        case "touch" -> Files.setLastModifiedTime(changed, Files.getLastModifiedTime(changed));
        case "replace" -> {
          Path other = changed.resolveSibling("new");
          Files.copy(changed, other, StandardCopyOption.COPY_ATTRIBUTES);
          Files.move(other, changed, StandardCopyOption.REPLACE_EXISTING);
        }
        default -> Files.delete(changed);
      }
      requireNotCached(words);
    }
  }

  /** Installs the program by links, and returns the one file that is a copy. */
  private static Path install(Path installed) throws Exception {
    Path jars = Files.createDirectories(installed.resolve("share/syschroot"));
    Path script = Files.createDirectories(installed.resolve("bin")).resolve("syschroot");
    Files.copy(TestImages.command(), script, StandardCopyOption.COPY_ATTRIBUTES);
    Path built = TestImages.checkout().resolve("syschroot-cli/target/command");
    Path copy = null;
    try (Stream<Path> files = Files.list(built)) {
      for (Path file : files.toList()) {
        Path name = jars.resolve(file.getFileName());
        if (file.getFileName().toString().startsWith("jspecify")) {
          copy = Files.copy(file, name);
        } else if (!file.getFileName().toString().startsWith("syschroot-17")) {
          Files.createSymbolicLink(name, file);
        }
      }
    }
    return Objects.requireNonNull(copy);
  }
}
