// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.accounts.AccountFiles;
import org.syschroot.image.AccountSource;
import org.syschroot.image.Consistency;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.SharedItem;
import org.syschroot.kernel.Accounts;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.path.HostPath;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.InOwnMountNamespace;

/** Files of an image, and names of a directory service, that somebody has made to do harm. */
@InOwnMountNamespace
@Timeout(60)
class ImageConsistencyAttackTest {
  private static final String ROOT = "root:x:0:0:image:/root:/bin/sh\n";
  private static final Consistency ALL =
      new Consistency(
          Optional.of(AccountSource.MERGED), Set.of(SharedItem.PASSWORDS, SharedItem.HOSTS));

  private final Kernel kernel = LinuxKernel.running();
  private Path directory;
  private Path host;
  private Path root;

  @BeforeEach
  void makeSystems(@TempDir Path folder) throws IOException {
    directory = folder.toRealPath();
    host = ImageTree.of(directory.resolve("host"), "dir etc", "dir run");
    root = ImageTree.of(directory.resolve("image"), "dir etc");
    Files.writeString(host.resolve("etc/passwd"), "alice:x:1000:1000::/home/alice:/bin/sh\n");
    Files.writeString(host.resolve("etc/shadow"), "alice:secret:::::::\n");
    Files.writeString(host.resolve("etc/hosts"), "127.0.0.1 localhost\n");
    Files.writeString(etc("passwd"), ROOT);
    Files.writeString(etc("shadow"), "root:*:::::::\n");
  }

  private Path etc(String name) {
    return root.resolve("etc").resolve(name);
  }

  private List<String> renew(AccountFiles further) throws IOException {
    DirectoryService service =
        new DirectoryService() {
          @Override
          public AccountFiles find(Collection<String> namesOrNumbers) {
            return further;
          }

          @Override
          public List<String> membersOf(String group) {
            return List.of();
          }
        };
    return ImageConsistency.ofHost(kernel, 0)
        .withUsers(Set.of("somebody"))
        .of(host, HostPath.of(directory.resolve("run")), service)
        .renew(Image.builder(new ImageName("x"), HostPath.of(root)).consistency(ALL).build())
        .changed();
  }

  private List<String> renew() throws IOException {
    return renew(AccountFiles.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"passwd", "hosts", ".syschroot-files", ".syschroot-accounts"})
  void renew_endlessFile_isRefusedBeforeTheMemoryIsFull(String name) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(etc(name).toFile(), "rw")) {
      file.setLength(100L << 30);
    }
    assertThatThrownBy(this::renew)
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("/etc/" + name + " of the image is too large");
  }

  @Test
  void renew_lockIsAFifoOrADevice_isRefusedAndDoesNotWait() throws Exception {
    for (String what : List.of("p", "c 1 3")) {
      String command = "mknod " + etc(".pwd.lock") + " " + what;
      assertThat(new ProcessBuilder("sh", "-c", command).start().waitFor()).isZero();
      assertThatThrownBy(this::renew)
          .isInstanceOf(MountException.class)
          .hasMessageContaining("/etc/.pwd.lock of the image is not a regular file");
      Files.delete(etc(".pwd.lock"));
    }
  }

  @Test
  void renew_lockThatAnybodyCouldHold_isClosedToThem() throws IOException {
    Files.writeString(etc(".pwd.lock"), "");
    Files.setPosixFilePermissions(etc(".pwd.lock"), PosixFilePermissions.fromString("rw-rw-rw-"));
    renew();
    assertThat(mode(".pwd.lock")).isEqualTo("rw-------");
  }

  private String mode(String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(etc(name)));
  }

  @Test
  void renew_recordThatTheImageCameWith_touchesOnlyWhatSyschrootWrites() throws IOException {
    Files.writeString(etc(".syschroot-files"), "/\n/../../x\n//\n/etc/shadow2\n/etc/hosts\n");
    Files.writeString(etc("shadow2"), "kept\n");
    renew();
    assertThat(etc("shadow2")).hasContent("kept\n");
    assertThat(renew()).isEmpty();
  }

  @Test
  void renew_shadowOfTheImageBelongsToAUser_theHostsPasswordsDoNot() throws IOException {
    Files.setAttribute(etc("shadow"), "unix:uid", 1234);
    renew();
    assertThat(etc("shadow")).content().contains("alice:secret:");
    assertThat(Files.getAttribute(etc("shadow"), "unix:uid")).isEqualTo(0);
  }

  @Test
  void renew_fileThatNotAllMayRead_isKeptAsItWas() throws IOException {
    Files.writeString(etc("hosts"), "secret\n");
    Files.setPosixFilePermissions(etc("hosts"), PosixFilePermissions.fromString("rw-r-----"));
    Files.setAttribute(etc("hosts"), "unix:gid", 42);
    renew();
    assertThat(etc("hosts.syschroot-image")).hasContent("secret\n");
    assertThat(mode("hosts.syschroot-image")).isEqualTo("rw-r-----");
    assertThat(Files.getAttribute(etc("hosts.syschroot-image"), "unix:gid")).isEqualTo(42);
  }

  @Test
  void renew_fileOfTheHostLeadsToASecret_isNotShownToAll() throws IOException {
    Path secret = Files.writeString(host.resolve("etc/secret"), "secret\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r-----"));
    Files.delete(host.resolve("etc/hosts"));
    Files.createSymbolicLink(host.resolve("etc/hosts"), secret);
    renew();
    assertThat(etc("hosts")).doesNotExist();
  }

  @Test
  void renew_userOfADirectoryWithRootsNumber_isNotShown() throws IOException {
    renew(AccountFiles.of("toor:x:0:0::/:/bin/sh\ncarol:x:2000:2000::/:/bin/sh\n", ""));
    assertThat(etc("passwd")).content().contains("carol:").doesNotContain("toor");
  }

  @Test
  void line_namesOfADirectory_makeNoOtherLineOrField() {
    String evil = "x\ntoor::0:0::/:/bin/sh\r";
    assertThat(HostDirectoryService.line(new Accounts.User("carol", 7, 8, evil, evil, evil)))
        .hasValueSatisfying(
            line ->
                assertThat(line)
                    .startsWith("carol:x:7:8:x toor  0 0")
                    .matches("([^:\n]*:){6}[^:\n]*\n"));
    for (String name : List.of("", "a:b", "a\nb", "a,b", "a b")) {
      assertThat(HostDirectoryService.line(new Accounts.User(name, 7, 8, "/", "/")))
          .as(name)
          .isEmpty();
    }
  }
}
