// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.HostPath;
import org.syschroot.path.UntrustedException;
import org.syschroot.testing.RecordingKernel;

final class TrustedPathTest {
  private static final String ELSEWHERE =
      "use a directory that only root can modify, and so all directories above it";
  private static final String IMAGE = "/sysroot/x";

  private static FileStatus open(RecordingKernel kernel, String path) throws IOException {
    return open(kernel, path, 0);
  }

  /** Opens and closes a path, having checked that nothing else is open in between. */
  private static FileStatus open(RecordingKernel kernel, String path, int user) throws IOException {
    int fd = TrustedPath.forUser(kernel, user).open(HostPath.of(path));
    assertThat(kernel.openDescriptorsMade()).containsExactly(fd);
    FileStatus status = kernel.fstat(fd);
    kernel.close(fd);
    return status;
  }

  private static void assertUntrusted(RecordingKernel kernel, String path, String message) {
    assertThatExceptionOfType(UntrustedException.class)
        .isThrownBy(() -> open(kernel, path))
        .withMessage(message);
    assertThat(kernel.openDescriptorsMade()).isEmpty();
  }

  @Test
  void open_everythingOfRoots_walksByDescriptors() throws IOException {
    RecordingKernel kernel = new RecordingKernel();
    TrustedPath.forUser(kernel, 0).open(HostPath.of(IMAGE));

    assertThat(kernel.journal())
        .containsExactly(
            "openat(path=/, flags=O_DIRECTORY|O_PATH)",
            "statx(fd=3)",
            "openat(directory=3, path=sysroot, flags=O_NOFOLLOW|O_PATH)",
            "statx(fd=4)",
            "openat(directory=4, path=x, flags=O_NOFOLLOW|O_PATH)",
            "statx(fd=5)",
            "statx(fd=5)",
            "close(fd=3)",
            "close(fd=4)");
    assertThat(kernel.openDescriptorsMade()).containsExactly(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/sysroot", IMAGE})
  void open_foreignOwner_isRefusedWherever(String where) {
    assertUntrusted(
        new RecordingKernel().owner(where, 1000, 0),
        IMAGE,
        where + " belongs to uid 1000, not to root: " + ELSEWHERE);
  }

  @ParameterizedTest
  @CsvSource({
    "/, 0775, 0775",
    "/sysroot, 0757, 0757",
    "/sysroot/x, 0777, 0777",
    "/sysroot/x, 02775, 2775",
    "/sysroot/x, 01777, 1777",
  })
  void open_writableByOthers_isRefused(String where, String mode, String shown) {
    assertUntrusted(
        new RecordingKernel().mode(where, Integer.parseInt(mode, 8)),
        IMAGE,
        where
            + " is writable by users other than root (mode "
            + shown
            + "): "
            + (shown.startsWith("1") ? ELSEWHERE : "chmod go-w " + where));
  }

  @Test
  void open_stickyOnTheWay_isAllowed() throws IOException {
    RecordingKernel kernel = new RecordingKernel().mode("/sysroot", 01777);

    assertThat(open(kernel, IMAGE).isDirectory()).isTrue();
    assertThat(kernel.openDescriptorsMade()).isEmpty();
  }

  /** What root makes in it, nobody else can rename. */
  @Test
  void openOnTheWay_sticky_isAllowed() throws IOException {
    RecordingKernel kernel = new RecordingKernel().mode("/tmp", 01777).mode("/open", 0777);
    TrustedPath trust = TrustedPath.forUser(kernel, 0);
    kernel.close(trust.openOnTheWay(HostPath.of("/tmp")));
    assertThat(kernel.openDescriptorsMade()).isEmpty();
    assertThatThrownBy(() -> trust.openOnTheWay(HostPath.of("/open")))
        .isInstanceOf(UntrustedException.class)
        .hasMessage("/open is writable by users other than root (mode 0777): chmod go-w /open");
  }

  /** For a path that somebody else resolves later, in another root directory. */
  @Test
  void open_stickyOnTheWayWithoutSharedDirectories_isRefused() {
    RecordingKernel kernel = new RecordingKernel().mode("/sysroot", 01777);
    TrustedPath trust = TrustedPath.forUser(kernel, 0).withoutSharedDirectories();
    assertThatThrownBy(() -> trust.open(HostPath.of("/sysroot/x")))
        .isInstanceOf(UntrustedException.class)
        .hasMessageContaining("/sysroot is a directory in which all users can create files")
        .hasMessageContaining("mode 1777");
  }

  @Test
  void open_writableFileWithStickyBit_isRefused() {
    assertUntrusted(
        new RecordingKernel().file("/etc/x.toml", "").mode("/etc/x.toml", 01666),
        "/etc/x.toml",
        "/etc/x.toml is writable by users other than root (mode 1666): chmod go-w /etc/x.toml");
  }

  @Test
  void open_ownFilesOfAnotherUser_areTrustedByThatUser() throws IOException {
    RecordingKernel kernel = new RecordingKernel().owner(IMAGE, 1000, 1000);

    assertThat(open(kernel, IMAGE, 1000).uid()).isEqualTo(1000);
    assertThatExceptionOfType(UntrustedException.class).isThrownBy(() -> open(kernel, IMAGE, 1001));
  }

  @ParameterizedTest
  @CsvSource({
    "/link, /sysroot/x, /sysroot/x",
    "/a/b/link, ../../sysroot/./x/, /sysroot/x",
    "/a/link, ../../../sysroot/x, /sysroot/x",
    "/link, sysroot/x/../y, /sysroot/y",
    "/link, /, /",
  })
  void open_linkOfRoots_isFollowed(String link, String target, String real) throws IOException {
    RecordingKernel kernel = new RecordingKernel().symlink(link, target);
    FileStatus status = open(kernel, link);

    assertThat(status.sameFileAs(open(kernel, real))).isTrue();
    assertThat(status.isSymbolicLink()).isFalse();
  }

  @Test
  void open_linkOnTheWay_isFollowed() throws IOException {
    RecordingKernel kernel = new RecordingKernel().symlink("/l", "/sysroot").file("/sysroot/f", "");

    assertThat(open(kernel, "/l/f").isRegularFile()).isTrue();
  }

  @Test
  void open_linkOfSomebodyElse_isRefused() {
    assertUntrusted(
        new RecordingKernel().symlink("/l", IMAGE).owner("/l", 1000, 1000),
        "/l",
        "/l belongs to uid 1000, not to root: chown -h root /l");
  }

  @Test
  void open_linkIntoForeignDirectory_isRefused() {
    assertUntrusted(
        new RecordingKernel().symlink("/l", "/home/x").owner("/home", 1000, 1000),
        "/l",
        "/home belongs to uid 1000, not to root: " + ELSEWHERE);
  }

  /** The end is only known when a link's text has been walked to its end. */
  @Test
  void open_linkEndingAtAStickyDirectory_isRefused() {
    assertUntrusted(
        new RecordingKernel().symlink("/l", "/tmp/sub/..").mode("/tmp", 01777),
        "/l",
        "/tmp is writable by users other than root (mode 1777): " + ELSEWHERE);
    assertUntrusted(
        new RecordingKernel().symlink("/l", "/").mode("/", 01777),
        "/l",
        "/ is writable by users other than root (mode 1777): " + ELSEWHERE);
  }

  @Test
  void open_linksInACircle_giveUp() {
    RecordingKernel kernel = new RecordingKernel().symlink("/a", "b").symlink("/b", "/a");

    assertThatExceptionOfType(KernelException.class)
        .isThrownBy(() -> open(kernel, "/a"))
        .withMessage("openat(path=/a): ELOOP (Too many levels of symbolic links)");
    assertThat(kernel.openDescriptorsMade()).isEmpty();
  }

  @Test
  void open_fortyLinks_areFollowed() throws IOException {
    RecordingKernel kernel = new RecordingKernel();
    for (int i = 0; i < 40; i++) {
      kernel.symlink("/l" + i, i == 39 ? IMAGE : "l" + (i + 1));
    }

    assertThat(open(kernel, "/l0").isDirectory()).isTrue();
  }

  @Test
  void open_missingOrNotADirectory_failsAsTheKernelDoes() {
    RecordingKernel kernel = new RecordingKernel().missing("/sysroot/x").file("/sysroot/f", "");

    assertThatExceptionOfType(KernelException.class)
        .isThrownBy(() -> open(kernel, "/sysroot/x"))
        .matches(failure -> failure.is(Errno.ENOENT));
    assertThatExceptionOfType(KernelException.class)
        .isThrownBy(() -> open(kernel, "/sysroot/f/x"))
        .matches(failure -> failure.is(Errno.ENOTDIR));
    assertThat(kernel.openDescriptorsMade()).isEmpty();
  }

  @Test
  void open_failureAtAnyCall_leaksNoDescriptorAndKeepsTheErrno() throws IOException {
    Supplier<RecordingKernel> world =
        () ->
            new RecordingKernel()
                .symlink("/a/up", "../b/./c/../link")
                .symlink("/b/link", "/sysroot/x");
    RecordingKernel undisturbed = world.get();
    TrustedPath.forUser(undisturbed, 0).open(HostPath.of("/a/up"));
    List<String> calls = undisturbed.journal();
    assertThat(calls).hasSizeGreaterThan(25);
    for (int k = 1; k <= calls.size(); k++) {
      RecordingKernel kernel = world.get().failOnCall(k, Errno.EMFILE);
      TrustedPath trust = TrustedPath.forUser(kernel, 0);
      if (calls.get(k - 1).startsWith("close")) {
        int fd = trust.open(HostPath.of("/a/up"));
        assertThat(kernel.openDescriptorsMade()).as("call %d", k).containsExactly(fd);
      } else {
        assertThatThrownBy(() -> trust.open(HostPath.of("/a/up")))
            .as("call %d, %s", k, calls.get(k - 1))
            .isInstanceOf(KernelException.class)
            .hasMessageEndingWith(Errno.EMFILE.toString());
        assertThat(kernel.openDescriptorsMade()).as("call %d", k).isEmpty();
        assertThat(kernel.journal()).as("call %d", k).noneMatch(line -> line.contains("EBADF"));
      }
    }
  }
}
