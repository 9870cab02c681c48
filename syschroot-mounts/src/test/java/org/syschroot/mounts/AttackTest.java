// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.kernel.Kernel;
import org.syschroot.testing.Dose;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** Images that try to have something mounted or made outside of them. */
@InOwnMountNamespace
class AttackTest {
  private static final String KERNELS = "org.syschroot.mounts.Kernels#all";
  // renameat2(2) with RENAME_EXCHANGE, for ever; ends when its input does.
  private static final String EXCHANGE =
      "use POSIX; use Fcntl; fcntl(STDIN, F_SETFL, O_NONBLOCK);"
          + "my $n = (POSIX::uname())[4] eq 'aarch64' ? 276 : 316;"
          + "while (1) { for (1..100) { syscall($n, -100, $ARGV[0], -100, $ARGV[1], 2) }"
          + " my $r = sysread(STDIN, my $b, 1); exit if defined $r && $r == 0 }";
  private static final int RACES = Dose.of(2000, 100_000);

  private static final int REFUSALS = Dose.of(60, 2000);

  @TempDir Path folder;
  private TestImage image;
  private Path outside;

  @BeforeEach
  void makeImage() throws IOException {
    image = new TestImage(folder);
    outside = ImageTree.of(image.directory.resolve("outside"), "dir d", "file f precious");
  }

  /** Mounts, and returns where that was; nothing may have been made outside. */
  private Stream<String> up(Kernel kernel, String target) throws IOException {
    try (ImageMounts mounts = image.mounts(kernel, "HOST/data:" + target)) {
      mounts.up(MountListener.NONE);
    } finally {
      try (Stream<Path> tree = Files.walk(outside)) {
        assertThat(tree.count()).as("files outside").isEqualTo(3);
      }
    }
    return image.mounted().stream();
  }

  @ParameterizedTest
  @MethodSource(KERNELS)
  void up_absoluteLink_staysInTheImage(Kernel kernel) throws IOException {
    ImageTree.of(image.root, "symlink x " + outside + "/d");
    assertThatThrownBy(() -> up(kernel, "/x")).hasMessageContaining("ENOENT");
    assertThat(image.mounted()).isEmpty();
    // The same path in the image is where it leads.
    Files.createDirectories(image.root.resolve(outside.toString().substring(1) + "/d"));
    assertThat(up(kernel, "/x")).containsExactly("image" + outside + "/d");
  }

  @ParameterizedTest
  @MethodSource(KERNELS)
  void up_linkAsComponent_staysInTheImage(Kernel kernel) throws IOException {
    ImageTree.of(
        image.root, "symlink a ../../../../outside", "dir outside/d", "symlink b " + outside);
    assertThat(up(kernel, "/a/d")).containsExactly("image/outside/d");
    assertThatThrownBy(() -> up(kernel, "/b/new")).isInstanceOf(IOException.class);
    assertThat(image.mounted()).containsExactly("image/outside/d");
  }

  @ParameterizedTest
  @MethodSource(KERNELS)
  void up_procAndDevAreLinks_stayInTheImage(Kernel kernel) throws IOException {
    ImageTree.of(image.root, "symlink proc /home", "symlink dev ../outside");
    assertThat(up(kernel, "/proc")).containsExactly("image/home");
    assertThatThrownBy(() -> up(kernel, "/dev")).isInstanceOf(IOException.class);
    assertThat(image.mounted()).containsExactly("image/home");
  }

  @ParameterizedTest
  @MethodSource(KERNELS)
  void up_linkOfAUser_mountsNothingElsewhereInTheImage(Kernel kernel) throws IOException {
    ImageTree.of(image.root, "dir home/alice", "dir lib", "symlink home/alice/data /lib");
    Files.setAttribute(image.root.resolve("home/alice"), "unix:uid", 65534);
    assertThatThrownBy(() -> up(kernel, "/home/alice/data"))
        .hasMessageContaining("the mount point /home/alice/data in the image: ");
    assertThat(image.mounted()).isEmpty();
    // Root's own link leads there.
    ImageTree.of(image.root, "symlink own home/alice");
    assertThat(up(kernel, "/own")).containsExactly("image/home/alice");
  }

  @ParameterizedTest
  @MethodSource(KERNELS)
  void up_magicLink_staysInTheImage(Kernel kernel) throws IOException {
    ImageTree.of(image.root, "dir proc");
    try (ImageMounts mounts =
        image.mounts(kernel, "/proc:/proc", "HOST/data:/proc/self/root/data")) {
      mounts.up(MountListener.NONE);
      // Without openat2 it is a link like others, to the root of the image.
      assertThat(image.mounted()).containsExactly("image/proc", "image/data");
    } catch (IOException refused) {
      String reason = refused.getMessage();
      // Where this JVM is in a chroot itself, the link's text leads nowhere in the image.
      boolean inChroot = !Files.readSymbolicLink(Path.of("/proc/self/root")).equals(Path.of("/"));
      assertThat(reason.contains("ELOOP") || inChroot && reason.contains("will not create"))
          .as(reason)
          .isTrue();
      assertThat(image.mounted()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource(KERNELS)
  @RequiresCommand("perl")
  void up_directorySwappedWithLink_neverMountsOutside(Kernel kernel) throws Exception {
    ImageTree.of(image.root, "dir race/d");
    Path raced = image.root.resolve("race");
    Path link = Files.createSymbolicLink(image.root.resolve("link"), outside);
    Process attacker = new ProcessBuilder("perl", "-e", EXCHANGE, "" + raced, "" + link).start();
    int mounted = 0;
    try (ImageMounts mounts = image.mounts(kernel, "HOST/data:/race/d")) {
      for (int i = 0; i < RACES / 4; i++) {
        try {
          mounted += mounts.up(MountListener.NONE);
        } catch (IOException lost) {
          // Somebody is changing the image; nothing may be left then.
        }
        assertThat(image.mounted()).noneMatch(target -> target.startsWith("outside"));
        takeAway(mounts);
      }
    } finally {
      attacker.outputWriter().close();
      attacker.waitFor();
    }
    assertThat(mounted).as("races won").isPositive();
    assertThat(image.mounted()).isEmpty();
    try (Stream<Path> tree = Files.walk(outside)) {
      assertThat(tree.count()).as("files outside").isEqualTo(3);
    }
  }

  @ParameterizedTest
  @MethodSource(KERNELS)
  @RequiresCommand("perl")
  void up_refusedWhileADirectoryIsSwapped_leavesNothing(Kernel kernel) throws Exception {
    ImageTree.of(image.root, "dir race/d", "dir other/d");
    Path raced = image.root.resolve("race");
    Path other = image.root.resolve("other");
    Process attacker = new ProcessBuilder("perl", "-e", EXCHANGE, "" + raced, "" + other).start();
    try (ImageMounts mounts =
        image.mounts(kernel, "HOST/data:/race/d", "HOST/home:/etc/motd/no-directory")) {
      for (int i = 0; i < REFUSALS; i++) {
        assertThatThrownBy(() -> mounts.up(MountListener.NONE)).isInstanceOf(IOException.class);
        assertThat(image.mounted()).as("round %d", i).isEmpty();
      }
    } finally {
      attacker.outputWriter().close();
      attacker.waitFor();
    }
  }

  private void takeAway(ImageMounts mounts) throws IOException {
    // Lost races are repeated: what matters is that it can be taken away, and nothing else is.
    for (int i = 0; i < 10_000 && !image.mounted().isEmpty(); i++) {
      try {
        mounts.down(false, MountListener.NONE);
      } catch (IOException lost) {
        assertThat(image.mounted()).isNotEmpty();
      }
    }
    assertThat(image.mounted()).isEmpty();
  }
}
