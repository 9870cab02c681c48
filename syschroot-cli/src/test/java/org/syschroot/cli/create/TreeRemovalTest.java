// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.create;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeRemovalTest {
  @TempDir Path directory;
  private Path top;
  private Path outside;

  @BeforeEach
  void createTree() throws IOException {
    directory = directory.toRealPath();
    top = Files.createDirectories(directory.resolve("top dir"));
    Files.createDirectories(top.resolve("a/b"));
    Files.writeString(top.resolve("a/b/file"), "x");
    outside = Files.createDirectory(directory.resolve("outside"));
    Files.writeString(outside.resolve("precious"), "x");
    Files.createSymbolicLink(top.resolve("a/link"), outside);
  }

  @Test
  void removeAll_links_areDeletedNotFollowed() throws IOException {
    TreeRemoval.of(top).removeAll();
    assertThat(top).doesNotExist();
    assertThat(outside.resolve("precious")).exists();
  }

  @Test
  void removeAll_topReplaced_deletesNothing() throws IOException {
    TreeRemoval removal = TreeRemoval.of(top);
    Files.move(top, directory.resolve("moved"));
    Files.createDirectory(top);
    Files.writeString(top.resolve("other"), "x");
    assertThatThrownBy(removal::removeAll)
        .isInstanceOf(CreateException.class)
        .hasMessage(
            "will not delete "
                + top
                + ": it was replaced meanwhile; look at it, and delete it by"
                + " hand");
    assertThat(top.resolve("other")).exists();

    Files.delete(top.resolve("other"));
    Files.delete(top);
    Files.createSymbolicLink(top, outside);
    assertThatThrownBy(removal::removeAll).isInstanceOf(IOException.class);
    assertThat(outside.resolve("precious")).exists();
  }

  @Test
  void removeAll_mountBeneath_deletesNothing() throws IOException {
    String escaped = top.toString().replace(" ", "\\040");
    Path mountinfo = directory.resolve("mountinfo");
    Files.writeString(
        mountinfo,
        "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
            + ("90 27 254:0 /home " + escaped + "/a/b rw shared:1 - ext4 /dev/vda rw\n")
            + ("91 27 254:0 /home " + escaped + "2/a rw shared:1 - ext4 /dev/vda rw\n"));
    assertThatThrownBy(() -> TreeRemoval.of(top, mountinfo).removeAll())
        .isInstanceOf(CreateException.class)
        .hasMessage(
            "will not delete "
                + top
                + " while "
                + top
                + "/a/b is mounted, since that would delete the files of the host: unmount first,"
                + " then delete it by hand");
    assertThat(top.resolve("a/b/file")).exists();
  }

  @Test
  void removeAll_topMountedOn_deletesNothing() throws IOException {
    Path mountinfo = directory.resolve("mountinfo");
    Files.writeString(
        mountinfo, "9 1 254:0 / " + top.toString().replace(" ", "\\040") + " rw - ext4 x rw\n");
    TreeRemoval removal = TreeRemoval.of(top, mountinfo);
    assertThatThrownBy(removal::removeAll).isInstanceOf(CreateException.class);
    // The content of a file system that was mounted there before.
    removal.remove(path -> true, false);
    assertThat(top).isEmptyDirectory();
  }

  @Test
  void removeAll_unreadableMountTable_deletesNothing() throws IOException {
    Path mountinfo = directory.resolve("mountinfo");
    Files.writeString(mountinfo, "9 1 254:0 / /elsewhere rw - ext4 x rw\n");
    TreeRemoval removal = TreeRemoval.of(top, mountinfo);
    Files.writeString(mountinfo, "");
    assertThatThrownBy(removal::removeAll).isInstanceOf(IOException.class);
    Files.writeString(mountinfo, "garbage\n");
    assertThatThrownBy(removal::removeAll).isInstanceOf(IOException.class);
    assertThat(top.resolve("a/b/file")).exists();
  }

  @Test
  void remove_othersFile_stays() throws IOException {
    Path others = Files.writeString(top.resolve("a/others"), "x");
    assertThatThrownBy(() -> TreeRemoval.of(top).remove(path -> !path.equals(others), true))
        .isInstanceOf(DirectoryNotEmptyException.class);
    assertThat(others).exists();
  }

  @Test
  void of_noDirectory_isRefused() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link"), top);
    assertThatThrownBy(() -> TreeRemoval.of(link)).isInstanceOf(NotDirectoryException.class);
    assertThatThrownBy(() -> TreeRemoval.of(Path.of("/"))).isInstanceOf(CreateException.class);
  }
}
