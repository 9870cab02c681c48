// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.Machine;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.path.UntrustedException;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** Really writes launchers. */
@InOwnMountNamespace
@RequiresCommand({"busybox", "setpriv", "bash"})
final class LauncherWriterTest {
  private final Kernel kernel = LinuxKernel.running();
  private LauncherImage image;

  @BeforeEach
  void make() throws Exception {
    image = new LauncherImage();
  }

  @AfterEach
  void remove() throws Exception {
    image.close();
  }

  private LauncherFile read(Path path) throws Exception {
    return LauncherFile.read(kernel, HostPath.of(path.toString()));
  }

  private static int mode(Path path) throws Exception {
    return (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
  }

  @Test
  void write_capabilityForm_hasExactlyItsPrivilege() throws Exception {
    Path file = image.write("sh", image.plain());
    assertThat(mode(file)).isEqualTo(0755);
    assertThat(read(file).capabilities().orElseThrow()).hasToString("cap_sys_chroot=ep");
    assertThat(read(file).hasItsPrivilege()).isTrue();
    Path cutting = image.write("cut", image.plain().dropping(Set.of(Capability.SYS_MODULE)));
    assertThat(read(cutting).capabilities().orElseThrow())
        .hasToString("cap_setpcap,cap_sys_chroot=ep");
    Files.setAttribute(file, "unix:mode", 0777);
    assertThat(read(file).hasItsPrivilege()).isFalse();
  }

  @Test
  void write_setUserIdForm_hasNoCapability() throws Exception {
    Path file = image.write("sh", image.plain().setUserId());
    assertThat(mode(file)).isEqualTo(04755);
    assertThat(read(file).capabilities()).isEmpty();
    assertThat(read(file).hasItsPrivilege()).isTrue();
  }

  @Test
  void write_overOlderOne_replacesItAndLeavesNothing() throws Exception {
    image.write("sh", image.plain());
    Path file = image.write("sh", image.plain().noNewPrivileges());
    assertThat(read(file).plan().noNewPrivileges()).isTrue();
    assertThat(read(file).isUpToDate(image.plain().noNewPrivileges().plan())).isTrue();
    try (Stream<Path> names = Files.list(image.folder())) {
      assertThat(names.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("sh", "image", "work");
    }
  }

  @Test
  void write_forGroupOrUsers_keepsOthersOut() throws Exception {
    Path group = image.write("g", image.plain(), LauncherAccess.forGroup(54321));
    assertThat(mode(group)).isEqualTo(0750);
    assertThat(image.user(group, "-c", "pwd").status()).isEqualTo(126);
    String asShell = "exec -a sh \"$0\" -c pwd";
    Path own = image.write("o", image.plain(), LauncherAccess.forGroup(LauncherImage.NOBODY));
    image.user(asShell, image.work(), own).isOk();
    Path listed =
        image.write(
            "u",
            image.plain(),
            LauncherAccess.forOnly(List.of(4711, LauncherImage.NOBODY), List.of(4712)));
    image.user(asShell, image.work(), listed).isOk();
    assertThat(read(listed).hasItsPrivilege()).isTrue();
    Path others = image.write("v", image.plain(), LauncherAccess.forOnly(List.of(4711), List.of()));
    assertThat(image.user(others, "-c", "pwd").status()).isEqualTo(126);
  }

  @Test
  void write_overForeignFile_leavesItAlone() throws Exception {
    Path file = Files.writeString(image.folder().resolve("sh"), "mine");
    assertThatThrownBy(() -> image.write("sh", image.plain()))
        .isInstanceOf(LauncherException.class)
        .hasMessageContaining("not a launcher");
    assertThat(file).hasContent("mine");
    Files.delete(file);
    Files.createSymbolicLink(file, Path.of("/etc/passwd"));
    assertThatThrownBy(() -> image.write("sh", image.plain()))
        .isInstanceOf(LauncherException.class);
    assertThat(file).isSymbolicLink();
  }

  @Test
  void write_whereOthersCanWrite_isRefused() throws Exception {
    Files.setAttribute(image.folder(), "unix:mode", 0777);
    assertThatThrownBy(() -> image.write("sh", image.plain()))
        .isInstanceOf(UntrustedException.class);
    Files.setAttribute(image.folder(), "unix:mode", 0755);
    Files.setAttribute(image.root(), "unix:mode", 0775);
    assertThatThrownBy(() -> image.write("sh", image.plain()))
        .isInstanceOf(UntrustedException.class)
        .hasMessageContaining(image.root().toString());
  }

  @Test
  void write_onNosuidMount_saysSo() throws Exception {
    Path mounted = Files.createDirectory(image.folder().resolve("t"));
    OsString target = OsString.of(mounted.toString());
    OsString tmpfs = OsString.of("tmpfs");
    kernel.mount(tmpfs, target, tmpfs, MountFlags.MS_NOSUID, OsString.of("mode=755"));
    assertThatThrownBy(() -> image.write("t/sh", image.plain()))
        .isInstanceOf(LauncherException.class)
        .hasMessageContaining("nosuid");
    assertThat(mounted.toFile().list()).isEmpty();
    kernel.umount2(target, 0);
  }

  @Test
  void write_onFileSystemWithoutCapabilities_offersTheOtherForm() throws Exception {
    Path mounted = Files.createDirectory(image.folder().resolve("t"));
    OsString target = OsString.of(mounted.toString());
    OsString ramfs = OsString.of("ramfs");
    kernel.mount(ramfs, target, ramfs, 0, OsString.of("mode=755"));
    assertThatThrownBy(() -> image.write("t/sh", image.plain()))
        .isInstanceOf(LauncherException.class)
        .hasMessageContaining("cannot hold file capabilities")
        .hasMessageContaining("--setuid");
    assertThat(mounted.toFile().list()).isEmpty();
    Path file = image.write("t/sh", image.plain().setUserId());
    // Processes started from this thread are in its mount namespace.
    image.user(file, "-c", "pwd").isOk();
    kernel.umount2(target, 0);
  }

  @Test
  void unlink_launcherOnly_removesIt() throws Exception {
    LauncherWriter writer = new LauncherWriter(kernel);
    Path file = image.write("sh", image.plain());
    writer.unlink(HostPath.of(file.toString()));
    assertThat(file).doesNotExist();
    assertThatThrownBy(() -> writer.unlink(HostPath.of(file.toString())))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("ENOENT");
    Files.write(file, "#!/bin/sh\n".getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(() -> writer.unlink(HostPath.of(file.toString())))
        .isInstanceOf(LauncherException.class);
    assertThat(file).exists();
  }

  /** Whoever holds it open could execute it for ever: by the name or not. */
  @ParameterizedTest
  @EnumSource
  void unlinkOrNarrowerLink_heldOpen_isOfNoUse(Privilege privilege) throws Exception {
    boolean setUserId = privilege == Privilege.SET_USER_ID;
    Launchers plain = setUserId ? image.plain().setUserId() : image.plain();
    String hold =
        "exec 7<\"$0\"; touch held; until [ -e revoked ]; do read -t 0.01 < <(:); done;"
            + " rm -f held; exec /proc/self/fd/7 -c 'echo still in'";
    Files.setAttribute(image.work(), "unix:mode", 0777);
    Path held = image.work().resolve("held");
    Path revoked = image.work().resolve("revoked");
    for (boolean relink : List.of(false, true)) {
      Path file = image.write("sh", plain);
      int fd = kernel.openat(Kernel.AT_FDCWD, OsString.of(file.toString()), OpenFlags.O_RDONLY, 0);
      CompletableFuture<LauncherImage.Outcome> user =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return image.user(hold, image.work(), file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      awaitFile(held);
      if (relink) {
        image.write("sh", plain, LauncherAccess.forGroup(54321));
      } else {
        new LauncherWriter(kernel).unlink(HostPath.of(file.toString()));
      }
      Files.createFile(revoked);
      LauncherImage.Outcome outcome = user.get();
      assertThat(outcome.err()).contains("Permission denied");
      assertThat(outcome.out()).isEmpty();
      assertThat(outcome.status()).isEqualTo(126);
      assertThat(kernel.fstat(fd).permissions()).isZero();
      assertThatThrownBy(() -> kernel.fgetxattr(fd, FileCapabilities.ATTRIBUTE))
          .hasMessageContaining("ENODATA");
      kernel.close(fd);
      Files.delete(revoked);
    }
  }

  private static void awaitFile(Path file) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!Files.exists(file)) {
      assertThat(System.nanoTime()).as("time to wait for " + file).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  /** A link that was killed leaves a launcher of another name, which has its privilege already. */
  @Test
  void unlink_leftoverOfAnInterruptedWrite_isDisarmedAndRemoved() throws Exception {
    Path file = image.write("sh", image.plain());
    Path leftover = image.write(".syschroot-new-sh", image.plain());
    int fd =
        kernel.openat(Kernel.AT_FDCWD, OsString.of(leftover.toString()), OpenFlags.O_RDONLY, 0);
    new LauncherWriter(kernel).unlink(HostPath.of(file.toString()));
    assertThat(leftover).doesNotExist();
    assertThat(kernel.fstat(fd).permissions()).isZero();
    kernel.close(fd);
  }

  @Test
  void read_otherMachine_isDescribedToo() throws Exception {
    Path file = image.folder().resolve("arm");
    new LauncherWriter(kernel)
        .write(
            HostPath.of(file.toString()),
            image.plain().plan(),
            Machine.AARCH64,
            LauncherAccess.forEveryone());
    assertThat(read(file).machine()).isEqualTo(Machine.AARCH64);
    assertThat(read(file).intact()).isTrue();
  }
}
