// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.trust;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.Umask;
import org.syschroot.path.HostPath;
import org.syschroot.path.UntrustedException;
import org.syschroot.testing.FaultySystem;
import org.syschroot.testing.RequiresRoot;

class WholeFileTest {
  private static final byte[] NEW = "new\n".getBytes(UTF_8);
  private static final int STRANGER = 54321;

  @TempDir private Path directory;

  private static WholeFile at(Kernel kernel, Path path) {
    int user = LinuxProcessCalls.running().effectiveUid();
    return WholeFile.at(kernel, user, HostPath.of(path));
  }

  private static WholeFile at(Path path) {
    return at(LinuxKernel.running(), path);
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static void giveAway(Path path) throws IOException {
    Files.setAttribute(path, "unix:uid", STRANGER, LinkOption.NOFOLLOW_LINKS);
  }

  /** What is in the directory: each name with its content. */
  private Map<String, String> files() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(directory)) {
      for (Path file : all.toList()) {
        files.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return files;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 022, 077, 0777})
  void replace_anyUmask_modeIsTheOneAskedFor(int umask) throws IOException {
    Path file = directory.resolve("file");
    Path below = directory.resolve("a/b/file");
    try (Umask changed = Umask.of(umask)) {
      assertThat(changed).isNotNull();
      at(file).replace(NEW, 0644);
      at(directory.resolve("new")).create(NEW, 0640);
      at(below).makeDirectory(0755);
      at(below).replace(NEW, 0600);
    }
    assertThat(mode(file)).isEqualTo("rw-r--r--");
    assertThat(mode(directory.resolve("new"))).isEqualTo("rw-r-----");
    assertThat(mode(below)).isEqualTo("rw-------");
    assertThat(mode(below.getParent())).isEqualTo("rwxr-xr-x");
    assertThat(mode(below.getParent().getParent())).isEqualTo("rwxr-xr-x");
  }

  @Test
  void replace_existingFile_isAnotherFileAfterwards() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "old");
    Path second = Files.createLink(directory.resolve("second"), file);
    at(file).replace(NEW, 0644);
    assertThat(file).hasContent("new\n");
    assertThat(second).hasContent("old");
  }

  @Test
  void replace_everyCallFailingOnce_leavesTheOldOrTheNewAndNothingElse() throws IOException {
    Path file = directory.resolve("file");
    FaultySystem system = new FaultySystem();
    int call = 0;
    do {
      Files.writeString(file, "old");
      system.failCall(++call);
      try {
        at(system.kernel(), file).replace(NEW, 0644);
        assertThat(files())
            .as("call %d: %s", call, system.failed())
            .isEqualTo(Map.of("file", "new\n"));
      } catch (KernelException e) {
        assertThat(files())
            .as("call %d: %s", call, system.failed())
            .isEqualTo(Map.of("file", "old"));
      }
    } while (!system.failed().isEmpty());
    assertThat(call).isGreaterThan(8);
  }

  @Test
  void create_everyCallFailingOnce_leavesNothingOrAllOfIt() throws IOException {
    Path file = directory.resolve("file");
    FaultySystem system = new FaultySystem();
    int call = 0;
    do {
      Files.deleteIfExists(file);
      system.failCall(++call);
      try {
        at(system.kernel(), file).create(NEW, 0644);
        assertThat(file).as("call %d: %s", call, system.failed()).hasContent("new\n");
      } catch (KernelException e) {
        assertThat(files()).as("call %d: %s", call, system.failed()).isEmpty();
      }
    } while (!system.failed().isEmpty());
  }

  @Test
  void create_nameIsTaken_isRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "old");
    Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("nowhere"));
    for (Path taken : List.of(file, link)) {
      assertThatThrownBy(() -> at(taken).create(NEW, 0644))
          .isInstanceOfSatisfying(
              KernelException.class, e -> assertThat(e.is(Errno.EEXIST)).isTrue());
    }
    Files.delete(link);
    assertThat(files()).isEqualTo(Map.of("file", "old"));
  }

  @Test
  void replace_noRegularFile_isLeftAlone() throws IOException {
    Path victim = Files.writeString(directory.resolve("victim"), "old");
    Path link = Files.createSymbolicLink(directory.resolve("link"), victim);
    Path folder = Files.createDirectory(directory.resolve("folder"));
    Path device = Path.of("/dev/null");
    for (Path target : List.of(link, folder, device)) {
      assertThatThrownBy(() -> at(target).replace(NEW, 0644))
          .hasMessageContaining("it is not a regular file");
      assertThatThrownBy(() -> at(target).check()).hasMessageContaining("it is not a regular file");
    }
    assertThat(victim).hasContent("old");
    assertThat(link).isSymbolicLink();
  }

  @Test
  @RequiresRoot
  void replace_linksInDirectoryOfSomebodyElse_areNeverFollowed() throws IOException {
    Path victim = Files.writeString(directory.resolve("victim"), "old");
    Path theirs = Files.createDirectory(directory.resolve("theirs"));
    for (String name : List.of("stats.new", ".stats.new", "stats.tmp", "stats.part")) {
      giveAway(Files.createSymbolicLink(theirs.resolve(name), victim));
    }
    giveAway(theirs);
    at(theirs.resolve("stats")).replace(NEW, 0644);
    assertThat(theirs.resolve("stats")).hasContent("new\n");
    assertThat(victim).hasContent("old");
  }

  @Test
  @RequiresRoot
  void replace_wayLeadsThroughALinkOfSomebodyElse_isRefused() throws IOException {
    Path place = Files.createDirectory(directory.resolve("place"));
    Path theirs = Files.createDirectory(directory.resolve("theirs"));
    Path link = Files.createSymbolicLink(theirs.resolve("link"), place);
    giveAway(link);
    assertThatThrownBy(() -> at(link.resolve("stats")).replace(NEW, 0644))
        .isInstanceOf(UntrustedException.class);
    Path ofRoot = Files.createSymbolicLink(theirs.resolve("ours"), place);
    giveAway(theirs);
    assertThatThrownBy(() -> at(ofRoot.resolve("stats")).replace(NEW, 0644))
        .isInstanceOf(UntrustedException.class)
        .hasMessageContaining("is a symbolic link in a directory of another user");
    assertThat(place).isEmptyDirectory();
  }

  @Test
  void replace_wayLeadsThroughALinkOfOnesOwn_isFollowed() throws IOException {
    Path place = Files.createDirectory(directory.resolve("place"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("place"));
    at(link.resolve("stats")).replace(NEW, 0644);
    assertThat(place.resolve("stats")).hasContent("new\n");
  }

  @Test
  void replace_twoWriters_readersSeeOneOfThemWhole() throws Exception {
    Path file = directory.resolve("file");
    String one = "1".repeat(100_000);
    String two = "2".repeat(100_000);
    at(file).replace(one.getBytes(UTF_8), 0644);
    AtomicBoolean done = new AtomicBoolean();
    Thread other =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < 50; i++) {
                  at(file).replace(two.getBytes(UTF_8), 0644);
                }
              } catch (IOException e) {
                throw new IllegalStateException(e);
              } finally {
                done.set(true);
              }
            });
    other.start();
    while (!done.get()) {
      at(file).replace(one.getBytes(UTF_8), 0644);
      assertThat(Files.readString(file)).isIn(one, two);
    }
    other.join();
    assertThat(files()).containsOnlyKeys("file");
  }
}
