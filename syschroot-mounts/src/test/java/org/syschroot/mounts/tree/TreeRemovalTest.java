// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.kernel.KernelException;
import org.syschroot.mounts.Kernels;
import org.syschroot.mounts.MountException;
import org.syschroot.mounts.TestImage;
import org.syschroot.path.HostPath;
import org.syschroot.testing.ImageTree;

class TreeRemovalTest {
  @TempDir Path folder;
  private Path top;
  private Path outside;

  @BeforeEach
  void makeTree() throws IOException {
    Path directory = folder.toRealPath();
    outside = ImageTree.of(directory.resolve("outside"), "file precious x");
    top = ImageTree.of(directory.resolve("top dir"), "file a/b/file x", "fifo a/pipe");
    Files.createSymbolicLink(top.resolve("a/link"), outside);
  }

  private static TreeRemoval removal(Path path) throws IOException {
    return TreeRemoval.of(Kernels.running(), TestImage.path(path));
  }

  @Test
  void removeAll_links_areDeletedNotFollowed() throws IOException {
    removal(top).removeAll();
    assertThat(top).doesNotExist();
    assertThat(outside.resolve("precious")).exists();
  }

  @Test
  void removeAll_deepTree_takesOneDescriptor() throws IOException {
    Path deep = top;
    for (int i = 0; i < 1500; i++) {
      deep = deep.resolve("d");
    }
    Files.createDirectories(deep);
    removal(top).removeAll();
    assertThat(top).doesNotExist();
  }

  /** Names of these are read more than once. */
  @ParameterizedTest
  @ValueSource(strings = {"deep 3000", "full 5000", "comb 300"})
  void removeAll_treeOfAHostileUser_leavesNothing(String tree) throws Exception {
    String lines =
        "my ($shape, $n) = @ARGV; for my $i (1 .. $n) {"
            + " if ($shape eq 'full') { open my $f, '>', $i . 'x' x 200 or die $!; next }"
            + " if ($shape eq 'comb') { mkdir $_ . 'y' x 200 or die $! for 1 .. 10 }"
            + " mkdir 'd' or die $!; chdir 'd' or die $! }";
    Process perl =
        new ProcessBuilder("perl", "-e", lines, tree.split(" ")[0], tree.split(" ")[1])
            .directory(top.toFile())
            .inheritIO()
            .start();
    assertThat(perl.waitFor()).isZero();
    removal(top).removeAll();
    assertThat(top).doesNotExist();
    assertThat(outside.resolve("precious")).exists();
  }

  @Test
  void removeAll_topReplaced_deletesNothing() throws IOException {
    TreeRemoval removal = removal(top);
    Files.move(top, top.resolveSibling("moved"));
    ImageTree.of(top, "file other x");
    assertThatThrownBy(removal::removeAll)
        .isInstanceOf(MountException.class)
        .hasMessage(
            "will not delete "
                + top
                + ": it was replaced during the command; check it, and delete it yourself");
    assertThat(top.resolve("other")).exists();

    Files.delete(top.resolve("other"));
    Files.delete(top);
    Files.createSymbolicLink(top, outside);
    assertThatThrownBy(removal::removeAll).isInstanceOf(IOException.class);
    assertThat(outside.resolve("precious")).exists();
  }

  @Test
  void remove_othersFile_stays() throws IOException {
    HostPath others = TestImage.path(Files.writeString(top.resolve("a/others"), "x"));
    assertThatThrownBy(() -> removal(top).remove(path -> !path.equals(others), true))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("ENOTEMPTY");
    assertThat(top.resolve("a/others")).exists();
  }

  @Test
  void remove_withoutTop_leavesItEmpty() throws IOException {
    removal(top).remove(path -> true, false);
    assertThat(top).isEmptyDirectory();
  }

  @Test
  void of_noDirectory_isRefused() throws IOException {
    Path link = Files.createSymbolicLink(top.resolveSibling("link"), top);
    assertThatThrownBy(() -> removal(link)).isInstanceOf(KernelException.class);
    assertThatThrownBy(() -> removal(Path.of("/"))).isInstanceOf(MountException.class);
  }
}
