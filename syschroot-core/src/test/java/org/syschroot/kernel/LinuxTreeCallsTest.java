// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.path.OsString;
import org.syschroot.testing.ImageTree;

/** {@link LinuxTreeCalls} and {@link LinuxSocketProbe} on the running kernel. */
class LinuxTreeCallsTest {
  private final TreeCalls calls = LinuxTreeCalls.running();

  private static OsString path(Path file) {
    return OsString.of(file.toString());
  }

  @Test
  void statx_kindsOfFiles_areDescribedAndNotFollowed(@TempDir Path folder) throws Exception {
    ImageTree.of(folder, "file f 12345", "symlink l f", "fifo p", "mode f 4750");
    FileDetails file = calls.statx(Kernel.AT_FDCWD, path(folder.resolve("f")));
    assertThat(file.size()).isEqualTo(5);
    assertThat(file.status().permissions()).isEqualTo(04750);
    assertThat(file.status().inode())
        .isEqualTo(Files.getAttribute(folder.resolve("f"), "unix:ino"));
    assertThat(calls.statx(Kernel.AT_FDCWD, path(folder.resolve("l"))).status().isSymbolicLink())
        .isTrue();
    assertThat(calls.statx(Kernel.AT_FDCWD, path(folder.resolve("p"))).status().isRegularFile())
        .isFalse();
  }

  @Test
  void statx_relativeToADirectory_isLookedUpThere(@TempDir Path folder) throws Exception {
    ImageTree.of(folder, "file d/f x");
    Kernel kernel = LinuxKernel.running();
    int directory = kernel.openat(Kernel.AT_FDCWD, path(folder.resolve("d")), OpenFlags.O_PATH, 0);
    assertThat(calls.statx(directory, OsString.of("f")).size()).isEqualTo(1);
    assertThat(calls.statx(directory, OsString.of("")).status().isDirectory()).isTrue();
    kernel.close(directory);
    assertThatThrownBy(() -> calls.statx(Kernel.AT_FDCWD, path(folder.resolve("none"))))
        .hasMessageContaining("statx(path=" + folder + "/none): ENOENT");
  }

  @Test
  void lgetxattr_noSuchAttribute_isEnodata(@TempDir Path folder) throws Exception {
    ImageTree.of(folder, "file f x");
    assertThatThrownBy(
            () -> calls.lgetxattr(path(folder.resolve("f")), OsString.of("security.capability")))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("lgetxattr(");
  }

  @Test
  void hasReceiver_socketWithAndWithoutListener_isTold(@TempDir Path folder) throws Exception {
    SocketProbe probe = new LinuxSocketProbe();
    Path place = folder.resolve("socket");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(place));
      assertThat(probe.hasReceiver(path(place))).isTrue();
    }
    assertThat(probe.hasReceiver(path(place))).isFalse();
    assertThatThrownBy(() -> probe.hasReceiver(path(folder.resolve("none"))))
        .hasMessageContaining("ENOENT");
    assertThatThrownBy(() -> probe.hasReceiver(OsString.of("/" + "x".repeat(107))))
        .hasMessageContaining("ENAMETOOLONG");
  }
}
