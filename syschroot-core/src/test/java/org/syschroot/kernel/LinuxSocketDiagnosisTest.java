// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.path.OsString;

class LinuxSocketDiagnosisTest {
  private final Kernel kernel = LinuxKernel.running();
  private final SocketDiagnosis sockets = LinuxSocketDiagnosis.running();

  @TempDir private Path folder;

  private FileStatus status(Path file) throws KernelException {
    int fd = kernel.openat(Kernel.AT_FDCWD, OsString.of(file.toString()), OpenFlags.O_PATH, 0);
    try {
      return kernel.fstat(fd);
    } finally {
      kernel.close(fd);
    }
  }

  @Test
  void bound_listener_isListedWithItsFileOnly() throws IOException {
    Path path = folder.resolve("socket");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(path));
      FileStatus file = status(path);
      assertThat(sockets.bound()).filteredOn(socket -> socket.isBoundTo(file)).hasSize(1);
      FileStatus other = status(folder);
      assertThat(sockets.bound()).noneMatch(socket -> socket.isBoundTo(other));
    }
  }

  @Test
  void connect_listener_streamThatIsWrittenTo() throws IOException {
    Path path = folder.resolve("socket");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(path));
      int fd = sockets.connect(OsString.of(path.toString()));
      kernel.write(fd, new byte[] {1});
      kernel.close(fd);
      assertThat(listener.accept().read(java.nio.ByteBuffer.allocate(9))).isEqualTo(1);
    }
    assertThatThrownBy(() -> sockets.connect(OsString.of(path.toString())))
        .isInstanceOf(KernelException.class)
        .hasMessage("connect(address=" + path + "): ECONNREFUSED (Connection refused)");
  }

  @Test
  void connect_longPath_isRefusedBeforeTheCall() {
    OsString address = OsString.of("/" + "a".repeat(107));
    assertThatThrownBy(() -> sockets.connect(address)).hasMessageContaining("ENAMETOOLONG");
  }

  @Test
  void connect_abstractNameOfNobody_isRefused() {
    assertThatThrownBy(() -> sockets.connect(OsString.of("@nobody has this name")))
        .hasMessageContaining("ECONNREFUSED");
  }
}
