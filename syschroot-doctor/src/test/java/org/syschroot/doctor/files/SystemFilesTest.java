// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountStep;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.testing.Dose;
import org.syschroot.testing.ImageTree;

class SystemFilesTest {
  private Path directory;
  private Path root;

  @BeforeEach
  void prepare(@TempDir Path folder) throws IOException {
    directory = folder.toRealPath();
    root =
        ImageTree.of(
            directory.resolve("image"),
            "file etc/name image",
            "dir usr/lib",
            "symlink lib usr/lib",
            "symlink usr/lib/up ../../../../../etc",
            "symlink out /../../" + directory.getFileName() + "/outside",
            "symlink abs /etc/name",
            "symlink loop loop",
            "symlink a b",
            "symlink b a",
            "symlink dangling nowhere",
            "fifo fifo");
    ImageTree.of(
        directory, "file outside secret", "dir host/data/sub", "file host/data/f of the host");
  }

  /** JUnit warns of links that lead out of its folder. */
  @AfterEach
  void removeLinks() throws IOException {
    Files.deleteIfExists(root.resolve("usr/lib/up"));
  }

  private SystemFiles files(MountStep... mounts) throws IOException {
    return SystemFiles.ofImage(
        LinuxKernel.running(),
        LinuxTreeCalls.running(),
        HostPath.of(root.toString()),
        List.of(mounts),
        Budget.standard());
  }

  private BindMount bind(String text) {
    return BindMount.parse(OsString.of(text.replace("HOST", directory + "/host")));
  }

  @ParameterizedTest
  @CsvSource({
    "/, /",
    "//etc//name, /etc/name",
    "/etc/../etc/./name, /etc/name",
    "/lib, /usr/lib",
    "/lib/up/name, /etc/name",
    "/abs, /etc/name",
    "/../../.., /",
    "/lib/, /usr/lib",
    "/out, ''",
    "/loop, ''",
    "/a, ''",
    "/dangling, ''",
    "/etc/name/x, ''",
    "/etc/name/, ''",
    "/nothing, ''"
  })
  void find_path_isResolvedInTheImage(String path, String expected) throws IOException {
    Optional<SystemFile> found = files().find(path);
    assertThat(found.map(SystemFile::path).orElse("")).isEqualTo(expected);
    found.ifPresent(
        file ->
            assertThat(file.hostPath()).isEqualTo(root + (expected.equals("/") ? "" : expected)));
    assertThat(files().notLookedAt()).isEmpty();
  }

  @Test
  void findLink_link_isNotFollowed() throws IOException {
    assertThat(files().findLink("/dangling").orElseThrow().status().isSymbolicLink()).isTrue();
    assertThat(files().linkText("/lib")).contains("usr/lib");
    assertThat(files().linkText("/etc/name")).isEmpty();
  }

  @Test
  void text_fileOrOther_isReadOnlyFromRegularFiles() throws IOException {
    assertThat(files().text("/abs")).contains("image");
    assertThat(files().text("/etc")).isEmpty();
    assertThat(files().text("/out")).isEmpty();
  }

  @Test
  @Timeout(20)
  void text_fifo_doesNotWait() throws IOException {
    assertThat(files().text("/fifo")).isEmpty();
    assertThat(files().open(files().find("/fifo").orElseThrow())).isEmpty();
    assertThat(files().list("/fifo")).isEmpty();
  }

  @Test
  @Timeout(20)
  void open_fileExchangedForAFifoOrLink_isRefused() throws Exception {
    SystemFiles files = files();
    SystemFile file = files.find("/etc/name").orElseThrow();
    Files.delete(root.resolve("etc/name"));
    ImageTree.of(root, "fifo etc/name");
    assertThat(files.open(file)).isEmpty();
    Files.delete(root.resolve("etc/name"));
    ImageTree.of(root, "symlink etc/name " + directory + "/outside");
    assertThat(files.open(file)).isEmpty();
    Files.move(root.resolve("etc"), root.resolve("was-etc"));
    ImageTree.of(root, "symlink etc " + directory, "file etc/name secret");
    assertThat(files.open(file)).isEmpty();
    Files.delete(directory.resolve("name"));
  }

  @Test
  void mounts_planned_areSeenAsIfTheyWereThere() throws IOException {
    SystemFiles files = files(bind("HOST/data:/lib/data"), bind("HOST/data/f:/new/dir/f"));
    assertThat(files.text("/usr/lib/data/f")).contains("of the host");
    assertThat(files.find("/lib/data/sub").orElseThrow().hostPath())
        .isEqualTo(directory + "/host/data/sub");
    assertThat(files.text("/new/dir/f")).contains("of the host");
    assertThat(files.find("/new/dir/../../lib/data/..").orElseThrow().path()).isEqualTo("/usr/lib");
    assertThat(files.find("/new/other")).isEmpty();
    assertThat(files.isMounted("/lib/data/sub")).isTrue();
    assertThat(files.isMounted("/lib/database")).isFalse();
    assertThat(files.list("/lib/data")).containsExactly("f", "sub");
  }

  @Test
  void mounts_linkOnAMount_isResolvedInTheImage() throws IOException {
    ImageTree.of(directory, "symlink host/data/link /etc/name");
    assertThat(files(bind("HOST/data:/data")).text("/data/link")).contains("image");
  }

  @Test
  void mounts_newFileSystem_isEmpty() throws IOException {
    SystemFiles files = files(new TmpfsMount(ImagePath.of("/etc"), OsString.of("")));
    assertThat(files.find("/etc")).isPresent();
    assertThat(files.find("/etc/name")).isEmpty();
  }

  @Test
  void ofHost_ownMounts_areReadThroughProc() {
    SystemFiles host =
        SystemFiles.ofHost(LinuxKernel.running(), LinuxTreeCalls.running(), Budget.standard());
    assertThat(host.text("/proc/self/mounts").orElseThrow()).contains(" / ");
  }

  @Test
  void find_namesThatAreNotUtf8_areKept() throws IOException {
    byte[] name = {'/', (byte) 0xe9, 't', (byte) 0xe9};
    OsString path = OsString.of(root.toString()).plus(OsString.ofBytes(name));
    LinuxKernel.running().close(LinuxKernel.running().openat(-100, path, 0101, 0644));
    String text = new String(name, StandardCharsets.ISO_8859_1);
    assertThat(files().find(text)).isPresent();
    assertThat(files().list("/")).contains(text.substring(1));
    LinuxKernel.running().unlinkat(-100, path, 0);
  }

  @Test
  @Timeout(60)
  void walk_hostileTree_endsAndSeesEveryFileOnce() throws IOException {
    int many = Dose.of(5_000, 200_000);
    Path huge = Files.createDirectory(root.resolve("huge"));
    for (int i = 0; i < many; i++) {
      Files.createFile(huge.resolve("f" + i));
    }
    ImageTree.of(root, "symlink huge/again ../huge", "symlink self .", "fifo huge/fifo");
    List<String> seen = new ArrayList<>();
    SystemFiles files = files();
    TreeWalk walk = new TreeWalk(files, 1_000_000);
    boolean complete = walk.from(files.root(), entry -> seen.add(entry.path()));
    assertThat(complete).isTrue();
    assertThat(seen)
        .doesNotHaveDuplicates()
        .hasSize(many + 17)
        .contains(root + "/huge/fifo", root + "/self");
    assertThat(walk.seen()).isEqualTo(seen.size());
    assertThat(new TreeWalk(files, 100).from(files.root(), entry -> {})).isFalse();
  }

  @Test
  void walk_deeperThanAPathCanSay_isSeen() throws IOException {
    String name = "d".repeat(200);
    LinuxKernel.running();
    int at = LinuxKernel.running().openat(-100, OsString.of(root.toString()), 0200000, 0);
    for (int depth = 0; depth < 30; depth++) {
      LinuxKernel.running().mkdirat(at, OsString.of(name), 0755);
      int next = LinuxKernel.running().openat(at, OsString.of(name), 0200000, 0);
      LinuxKernel.running().close(at);
      at = next;
    }
    LinuxKernel.running().close(at);
    SystemFiles files = files();
    TreeWalk walk = new TreeWalk(files, 1000);
    List<String> deepest = new ArrayList<>(List.of(""));
    boolean complete =
        walk.from(
            files.root(),
            entry ->
                deepest.set(
                    0,
                    entry.path().length() > deepest.get(0).length()
                        ? entry.path()
                        : deepest.get(0)));
    int status = delete(root.resolve(name));
    assertThat(complete).isTrue();
    assertThat(files.notLookedAt()).isEmpty();
    assertThat(deepest.get(0)).isEqualTo(root + ("/" + name).repeat(30));
    assertThat(status).isZero();
  }

  private static int delete(Path tree) throws IOException {
    try {
      return new ProcessBuilder("rm", "-rf", tree.toString()).inheritIO().start().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#ten")
  void find_randomLinks_neverLeavesTheImage(SplittableRandom random, @TempDir Path folder)
      throws IOException {
    Path tree = ImageTree.of(folder.toRealPath().resolve("i"), "dir d/e/f", "file d/x y");
    String[] parts = {"d", "e", "f", "x", "..", ".", "/", "l0", "l1", "l2", "l3", ""};
    for (int i = 0; i < 4; i++) {
      Files.createSymbolicLink(tree.resolve("l" + i), Path.of(path(random, parts, "/")));
      Files.createSymbolicLink(tree.resolve("d/e/l" + i), Path.of(path(random, parts, "")));
    }
    SystemFiles files =
        SystemFiles.ofImage(
            LinuxKernel.running(),
            LinuxTreeCalls.running(),
            HostPath.of(tree.toString()),
            List.of(),
            Budget.standard());
    for (int i = 0; i < Dose.of(200, 5_000); i++) {
      files
          .find("/" + path(random, parts, ""))
          .ifPresent(found -> assertThat(found.hostPath()).startsWith(tree.toString()));
    }
  }

  private static String path(SplittableRandom random, String[] parts, String start) {
    StringBuilder path = new StringBuilder(random.nextBoolean() ? start : "");
    for (int i = random.nextInt(1, 7); i > 0; i--) {
      path.append(parts[random.nextInt(parts.length)]).append('/');
    }
    return path.append("x").toString();
  }
}
