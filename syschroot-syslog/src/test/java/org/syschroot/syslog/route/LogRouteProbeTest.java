// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxSocketDiagnosis;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.OsString;
import org.syschroot.syslog.route.LogRoute.State;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.InOwnMountNamespace;

/** Real sockets in prepared trees: one stands for the image, another for the native system. */
@InOwnMountNamespace
class LogRouteProbeTest {
  private final Kernel kernel = LinuxKernel.running();

  @TempDir private Path folder;
  private Path image;
  private Path host;

  @BeforeEach
  void makeTrees() {
    image = ImageTree.of(folder.resolve("image"), "dir dev", "dir run/journal", "dir tmp");
    host = ImageTree.of(folder.resolve("host"), "dir dev", "dir run/journal");
  }

  private LogView look() throws IOException {
    int imageRoot = open(image);
    int hostRoot = open(host);
    try {
      return new LogRouteProbe(kernel, LinuxSocketDiagnosis.running())
          .look(new ImageName("sl5"), imageRoot, hostRoot);
    } finally {
      kernel.close(imageRoot);
      kernel.close(hostRoot);
    }
  }

  private LogRoute route() throws IOException {
    return LogRoute.of(look());
  }

  private int open(Path directory) throws IOException {
    return kernel.openat(Kernel.AT_FDCWD, OsString.of(directory.toString()), OpenFlags.O_PATH, 0);
  }

  /** Makes a listener, whose file stays when it is closed. */
  private static ServerSocketChannel listen(Path socket) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    channel.bind(UnixDomainSocketAddress.of(socket));
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
    return channel;
  }

  private void bind(Path source, Path target) throws IOException {
    kernel.mount(
        OsString.of(source.toString()),
        OsString.of(target.toString()),
        null,
        MountFlags.MS_BIND,
        null);
  }

  @Test
  void look_nothingThere_nothing() throws IOException {
    assertThat(look().inImage().found()).isEqualTo(new DevLog.Nothing());
    assertThat(look().nativeDev()).isFalse();
  }

  @Test
  void look_noDevAtAll_nothing() throws IOException {
    Files.delete(image.resolve("dev"));
    assertThat(look().inImage().found()).isEqualTo(new DevLog.Nothing());
  }

  @Test
  void look_otherFiles_areNamed() throws IOException {
    ImageTree.of(image, "fifo dev/log");
    ImageTree.of(host, "dir dev/log");
    assertThat(look().inImage().found()).isEqualTo(new DevLog.NoSocket("a FIFO"));
    assertThat(look().onHost().found()).isEqualTo(new DevLog.NoSocket("a directory"));
  }

  @Test
  void look_linkThatExistsOnlyOutside_leadsNowhere() throws IOException {
    try (ServerSocketChannel outside = listen(folder.resolve("outside"))) {
      assertThat(outside.isOpen()).isTrue();
      ImageTree.of(image, "symlink dev/log " + folder.resolve("outside"));
      ImageTree.of(host, "symlink dev/log ../../outside");
      assertThat(look().inImage().found()).isEqualTo(new DevLog.Nothing());
      assertThat(look().onHost().found()).isEqualTo(new DevLog.Nothing());
    }
  }

  @Test
  void look_linksInACircle_nothing() throws IOException {
    ImageTree.of(image, "symlink dev/log /tmp/log", "symlink tmp/log /dev/log");
    assertThat(look().inImage().found()).isEqualTo(new DevLog.Nothing());
  }

  @Test
  void look_socketOfThisProcess_holderIsThisProcess() throws IOException {
    try (ServerSocketChannel listener = listen(image.resolve("dev/log"))) {
      assertThat(listener.isOpen()).isTrue();
      DevLog.Socket socket = look().inImage().socket().orElseThrow();
      assertThat(socket.answer()).isEqualTo(ConnectResult.ACCEPTED);
      assertThat(socket.mountedAlone()).isFalse();
      assertThat(socket.holder().orElseThrow().pid())
          .isEqualTo((int) ProcessHandle.current().pid());
      assertThat(socket.holder().orElseThrow().inNativeSystem()).isTrue();
      assertThat(look().inImage().sameSocketAs(look().inImage())).isTrue();
    }
    assertThat(look().inImage().socket().orElseThrow().answer()).isEqualTo(ConnectResult.REFUSED);
  }

  @Test
  void look_socketThatWasRenamed_holderIsFoundAllTheSame() throws IOException {
    try (ServerSocketChannel listener = listen(image.resolve("tmp/other-name"))) {
      assertThat(listener.isOpen()).isTrue();
      Files.move(image.resolve("tmp/other-name"), image.resolve("dev/log"));
      assertThat(look().inImage().socket().orElseThrow().holder()).isPresent();
    }
  }

  @Test
  void look_socketOnOverlayOfTwoFileSystems_holderIsFound() throws IOException {
    ImageTree.of(folder, "dir layers");
    OsString tmpfs = OsString.of("tmpfs");
    Path layers = folder.resolve("layers");
    kernel.mount(tmpfs, OsString.of(layers.toString()), tmpfs, 0, null);
    ImageTree.of(layers, "dir upper", "dir work");
    String options =
        "lowerdir=" + image + ",upperdir=" + layers + "/upper,workdir=" + layers + "/work";
    OsString overlay = OsString.of("overlay");
    kernel.mount(overlay, OsString.of(image.toString()), overlay, 0, OsString.of(options));
    try (ServerSocketChannel listener = listen(image.resolve("dev/log"))) {
      assertThat(listener.isOpen()).isTrue();
      assertThat(look().inImage().socket().orElseThrow().holder()).isPresent();
    }
  }

  @Test
  void route_nativeDevMounted_nativeDev() throws IOException {
    try (ServerSocketChannel listener = listen(host.resolve("dev/log"))) {
      assertThat(listener.isOpen()).isTrue();
      bind(host.resolve("dev"), image.resolve("dev"));
      assertThat(look().nativeDev()).isTrue();
      assertThat(route())
          .extracting("way", "state")
          .containsExactly(LogWay.NATIVE_DEV, State.WORKS);
    }
    assertThat(route()).extracting("way", "state").containsExactly(LogWay.NATIVE_DEV, State.BROKEN);
  }

  @Test
  void route_journalsLink_worksOnceItsDirectoryIsMounted() throws IOException {
    ImageTree.of(host, "symlink dev/log /run/journal/dev-log");
    try (ServerSocketChannel listener = listen(host.resolve("run/journal/dev-log"))) {
      assertThat(listener.isOpen()).isTrue();
      bind(host.resolve("dev"), image.resolve("dev"));
      assertThat(route().state()).isEqualTo(State.BROKEN);
      assertThat(route().advice())
          .containsExactly("add \"/run/journal\" to the mounts of sl5, and mount them");
      bind(host.resolve("run/journal"), image.resolve("run/journal"));
      assertThat(route())
          .extracting("way", "state")
          .containsExactly(LogWay.NATIVE_DIRECTORY, State.WORKS);
    }
  }

  @Test
  void route_socketMounted_worksUntilTheListenerIsAnother() throws IOException {
    ImageTree.of(image, "file dev/log");
    Path socket = host.resolve("dev/log");
    try (ServerSocketChannel listener = listen(socket)) {
      assertThat(listener.isOpen()).isTrue();
      bind(socket, image.resolve("dev/log"));
      assertThat(look().inImage().socket().orElseThrow().mountedAlone()).isTrue();
      assertThat(route())
          .extracting("way", "state")
          .containsExactly(LogWay.BOUND_SOCKET, State.FRAGILE);
    }
    Files.delete(socket);
    try (ServerSocketChannel restarted = listen(socket)) {
      assertThat(restarted.isOpen()).isTrue();
      assertThat(route())
          .extracting("way", "state")
          .containsExactly(LogWay.BOUND_SOCKET, State.BROKEN);
    }
  }
}
