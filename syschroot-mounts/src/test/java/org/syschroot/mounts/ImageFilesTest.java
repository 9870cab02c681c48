// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.MountFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.InOwnMountNamespace;

/** On a real tree. */
@InOwnMountNamespace
final class ImageFilesTest {
  private static final ImagePath SH = ImagePath.of("/bin/sh");
  private static final ImagePath LINK = ImagePath.of("/bin4/sh");

  private final Kernel kernel = LinuxKernel.running();
  private @TempDir Path folder;
  private Path root;
  private Path outside;
  private ImageFiles files;

  @BeforeEach
  void make() throws Exception {
    outside = ImageTree.of(folder.resolve("outside"), "file sh text");
    root = ImageTree.of(folder.resolve("root"), "dir usr/bin", "symlink bin usr/bin");
    files = ImageFiles.open(kernel, HostPath.of(root), 0);
  }

  @AfterEach
  void close() {
    files.close();
  }

  private Path program(String path) throws Exception {
    Path file = Files.writeString(root.resolve(path), "");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file;
  }

  @Test
  void isProgram_followsLinksInsideOnly() throws Exception {
    program("usr/bin/dash");
    Files.createSymbolicLink(root.resolve("usr/bin/sh"), Path.of("/usr/bin/dash"));
    Files.createSymbolicLink(root.resolve("usr/bin/out"), outside.resolve("sh"));
    Files.createSymbolicLink(root.resolve("usr/bin/loop"), Path.of("loop"));
    Files.writeString(root.resolve("usr/bin/data"), "");
    assertThat(files.isProgram(SH)).isTrue();
    for (String name : List.of("out", "loop", "data", "none", "dash/x")) {
      assertThat(files.isProgram(ImagePath.of("/bin").resolve(name))).as(name).isFalse();
    }
  }

  @Test
  void link_twice_isMadeOnceWithItsDirectories() throws Exception {
    ImagePath deep = ImagePath.of("/opt/a/sh");
    assertThat(files.link(deep, SH)).isTrue();
    assertThat(files.link(deep, SH)).isFalse();
    assertThat(Files.readSymbolicLink(root.resolve("opt/a/sh"))).hasToString("/bin/sh");
  }

  @Test
  void link_directoryLeadsOutside_staysInside() throws Exception {
    Path inside = Files.createDirectories(root.resolve(outside.toString().substring(1)));
    Files.createSymbolicLink(root.resolve("bin4"), outside);
    assertThat(files.link(LINK, SH)).isTrue();
    assertThat(Files.isSymbolicLink(inside.resolve("sh"))).isTrue();
    assertThat(outside.resolve("sh")).hasContent("text");
  }

  @Test
  void link_somethingElseIsThere_isRefused() throws Exception {
    ImageTree.of(root, "file bin4/sh mine");
    assertThatThrownBy(() -> files.link(LINK, SH))
        .isInstanceOf(MountException.class)
        .hasMessage("no link /bin4/sh in the image: another file of that name exists");
    assertThat(files.unlink(LINK, List.of(SH))).isFalse();
    assertThat(root.resolve("bin4/sh")).hasContent("mine");
  }

  @Test
  void linkAndUnlink_directoryIsMountedFromOutside_leaveItAlone() throws Exception {
    Path bin4 = Files.createDirectory(root.resolve("bin4"));
    Files.createSymbolicLink(outside.resolve("ksh"), Path.of("/bin/sh"));
    kernel.mount(
        OsString.of(outside.toString()),
        OsString.of(bin4.toString()),
        null,
        MountFlags.MS_BIND,
        null);
    assertThatThrownBy(() -> files.link(ImagePath.of("/bin4/zsh"), SH))
        .isInstanceOf(MountException.class)
        .hasMessageContaining("is on a mount of the host");
    assertThat(files.unlink(ImagePath.of("/bin4/ksh"), List.of(SH))).isFalse();
    assertThat(outside.resolve("zsh")).doesNotExist();
    assertThat(Files.isSymbolicLink(outside.resolve("ksh"))).isTrue();
  }

  @Test
  void unlink_oneOfTheTexts_isRemoved() throws Exception {
    files.link(LINK, SH);
    assertThat(files.unlink(LINK, List.of(ImagePath.of("/bin/ksh")))).isFalse();
    assertThat(files.unlink(LINK, List.of(ImagePath.of("/usr/bin/sh"), SH))).isTrue();
    assertThat(files.unlink(LINK, List.of(SH))).isFalse();
    assertThat(files.unlink(ImagePath.of("/none/sh"), List.of(SH))).isFalse();
  }
}
