// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.path.HostPath;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** {@link DirectoryTree} against what a shell makes with the tools of the field. */
@InOwnMountNamespace
@RequiresCommand({"setcap", "setfattr"})
class DirectoryTreeTest {
  private static TreeLosses copy(Path from, Path to) throws IOException {
    return copy(LinuxKernel.running(), from, to);
  }

  private static TreeLosses copy(Kernel kernel, Path from, Path to) throws IOException {
    TreeLosses losses = new TreeLosses();
    Files.createDirectories(to);
    TreeLimits limits = new TreeLimits(1000, 1 << 24);
    try (DirectoryTree source = DirectoryTree.open(kernel, HostPath.of(from.toString()));
        TreeWriter writer =
            TreeWriter.in(LinuxKernel.running(), HostPath.of(to.toString()), limits, losses)) {
      source.copyTo(writer, losses);
      writer.finish();
    }
    return losses;
  }

  private static void shell(Path directory, String script) throws Exception {
    Process process =
        new ProcessBuilder("sh", "-e", "-c", script)
            .directory(directory.toFile())
            .inheritIO()
            .start();
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void copyTo_filesOfAllKinds_areTheSame(@TempDir Path folder) throws Exception {
    Path from = Files.createDirectory(folder.resolve("from"));
    shell(
        from,
        """
        umask 0
        mkdir -p etc/deep/er tmp closed; chmod 1777 tmp; chmod 2750 etc; chmod 0 closed
        echo root > etc/passwd; ln etc/passwd etc/again; chmod 4711 etc/passwd
        chown 1000:65534 etc/again; ln -s /etc/passwd etc/link; ln -s ../../.. etc/up
        mkfifo -m 640 pipe; chown -h 7:8 etc/link; ln etc/link linked; ln pipe etc/pipe
        truncate -s 5M sparse; printf x | dd of=sparse bs=1 seek=3000000 conv=notrunc status=none
        setcap cap_net_raw=ep etc/passwd; setfattr -n user.a -v b etc/deep
        printf y > "$(printf 'n\\377me')"; touch -d @12345.678 etc/deep/er etc/link etc/deep
        """);
    Path to = folder.resolve("to");
    TreeLosses losses = copy(from, to);
    assertThat(TreeListing.of(to)).isEqualTo(TreeListing.of(from)).hasSizeGreaterThan(12);
    assertThat(TreeListing.room(to.resolve("sparse"))).isLessThan(64 * 1024);
    assertThat(losses.lines()).isEmpty();
  }

  @Test
  void copyTo_devicesSocketsAndItself_areLeftOut(@TempDir Path folder) throws Exception {
    shell(
        folder,
        "mkdir d; mknod d/null c 1 3; perl -MIO::Socket::UNIX -e "
            + "'IO::Socket::UNIX->new(Local => \"d/log\", Listen => 1) or die'");
    TreeLosses losses = copy(folder, folder.resolve("copy"));
    assertThat(folder.resolve("copy/d")).isEmptyDirectory();
    assertThat(folder.resolve("copy/copy")).doesNotExist();
    assertThat(losses.lines())
        .containsExactly(
            "1 devices omitted; images use the devices of the host: /d/null",
            "1 sockets omitted: /d/log");
  }

  @Test
  void copyTo_fileExchangedAfterItWasLookedAt_neverGetsTheOwnersMode(@TempDir Path folder)
      throws Exception {
    Path from = Files.createDirectory(folder.resolve("from"));
    shell(from, "echo root > program; chmod 4755 program; echo evil > ../other");
    Kernel running = LinuxKernel.running();
    Kernel exchanging =
        (Kernel)
            Proxy.newProxyInstance(
                Kernel.class.getClassLoader(),
                new Class<?>[] {Kernel.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("openat")
                      && arguments[1].toString().equals("program")
                      && Files.exists(folder.resolve("other"))) {
                    shell(from, "mv ../other program");
                  }
                  try {
                    return method.invoke(running, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    assertThatThrownBy(() -> copy(exchanging, from, folder.resolve("to")))
        .isInstanceOf(SourceException.class)
        .hasMessageContaining("program was replaced");
    assertThat(from.resolve("program")).hasContent("evil\n");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("to/program"))))
        .isEqualTo("rw-------");
  }

  @Test
  void copyTo_somethingMounted_isLeftOut(@TempDir Path folder) throws Exception {
    Path from = Files.createDirectories(folder.resolve("from/data")).getParent();
    shell(folder, "mkdir other; echo x > other/file; echo y > from/f; echo z > from/g");
    shell(folder, "mount --bind other from/data; mount --bind other/file from/f");
    TreeLosses losses = copy(from, folder.resolve("to"));
    assertThat(folder.resolve("to/data")).isEmptyDirectory();
    assertThat(folder.resolve("to/f")).doesNotExist();
    assertThat(folder.resolve("to/g")).hasContent("z\n");
    assertThat(losses.count(TreeLosses.Kind.MOUNT)).isEqualTo(2);
  }
}
