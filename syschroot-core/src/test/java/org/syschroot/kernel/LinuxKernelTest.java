// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.path.OsString;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.OddStrings;

/** What of the running kernel can be asked without harm. */
final class LinuxKernelTest {
  private static final int PATH_ONLY = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW;

  @TempDir private Path temporary;
  private final Kernel kernel = LinuxKernel.running();

  private static OsString os(Path path) {
    return OsString.of(path.toString());
  }

  private int open(Path path, int flags) throws KernelException {
    return kernel.openat(Kernel.AT_FDCWD, os(path), flags, 0);
  }

  private static void assertFails(Errno errno, String message, ThrowingCallable call) {
    assertThatExceptionOfType(KernelException.class)
        .isThrownBy(call)
        .withMessage(message)
        .matches(failure -> failure.is(errno), errno.name());
  }

  @Test
  void getcwd_always_equalsJavas() throws IOException {
    assertThat(kernel.getcwd()).isEqualTo(os(Path.of("").toRealPath()));
  }

  @Test
  void fstat_file_equalsUnixAttributes() throws IOException {
    Path file = ImageTree.of(temporary, "file a/b text", "mode a/b 0640").resolve("a/b");
    Map<String, Object> unix = Files.readAttributes(file, "unix:ino,mode,uid,gid,dev");
    int fd = open(file, PATH_ONLY);
    FileStatus status = kernel.fstat(fd);
    kernel.close(fd);

    assertThat(status.inode()).isEqualTo(unix.get("ino"));
    assertThat(status.mode()).isEqualTo(unix.get("mode"));
    assertThat(status.uid()).isEqualTo(unix.get("uid"));
    assertThat(status.gid()).isEqualTo(unix.get("gid"));
    long device = (Long) unix.get("dev");
    assertThat(status.device() >>> 32).as("major").isEqualTo((device >> 8) & 0xfff);
    assertThat(status.device() & 0xffffffffL)
        .as("minor")
        .isEqualTo((device & 0xff) | ((device >> 12) & ~0xffL));
    assertThat(status.isRegularFile()).isTrue();
    assertThat(status.permissions()).isEqualTo(0640);
  }

  @Test
  void fstat_mountId_standsInMountinfo() throws IOException {
    int fd = open(temporary, PATH_ONLY);
    FileStatus status = kernel.fstat(fd);
    kernel.close(fd);

    assertThat(status.isDirectory()).isTrue();
    assertThat(Files.readAllLines(Path.of("/proc/thread-self/mountinfo")))
        .anyMatch(line -> line.startsWith(status.mountId() + " "));
  }

  @Test
  void openat_missing_failsWithTheWholeMessage() {
    assertFails(
        Errno.ENOENT,
        "openat(path=/no/such/file, flags=O_RDONLY): ENOENT (No such file or directory)",
        () -> open(Path.of("/no/such/file"), OpenFlags.O_RDONLY));
    assertFails(
        Errno.EBADF,
        "openat(directory=9999, path=x, flags=O_PATH): EBADF (Bad file descriptor)",
        () -> kernel.openat(9999, OsString.of("x"), OpenFlags.O_PATH, 0));
  }

  @Test
  void close_notOpen_fails() {
    assertFails(
        Errno.EBADF, "close(fd=9999): EBADF (Bad file descriptor)", () -> kernel.close(9999));
  }

  @Test
  void openat2_absoluteLinkInRoot_staysInRoot() throws IOException {
    ImageTree.of(temporary, "file image/etc/name inside", "symlink image/link /etc/name");
    int image = open(temporary.resolve("image"), PATH_ONLY);
    int fd =
        kernel.openat2(
            image, OsString.of("/link"), OpenFlags.O_RDONLY, 0, OpenFlags.RESOLVE_IN_ROOT);

    assertThat(kernel.read(fd, 100)).asString().isEqualTo("inside");
    kernel.close(fd);
    assertFails(
        Errno.ELOOP,
        "openat2(directory="
            + image
            + ", path=link, flags=O_PATH, resolve=RESOLVE_NO_SYMLINKS): "
            + Errno.ELOOP,
        () ->
            kernel.openat2(
                image, OsString.of("link"), OpenFlags.O_PATH, 0, OpenFlags.RESOLVE_NO_SYMLINKS));
    kernel.close(image);
  }

  @Test
  void readlinkat_link_givesItsText() throws IOException {
    ImageTree.of(temporary, "symlink link ../somewhere/else");
    int directory = open(temporary, PATH_ONLY);
    int link = open(temporary.resolve("link"), PATH_ONLY);

    assertThat(kernel.readlinkat(directory, OsString.of("link"))).hasToString("../somewhere/else");
    assertThat(kernel.readlinkat(link, OsString.of(""))).hasToString("../somewhere/else");
    kernel.close(link);
    kernel.close(directory);
  }

  @Test
  void symlinkat_twice_makesOneAndRefuses() throws IOException {
    int directory = open(temporary, PATH_ONLY);
    kernel.symlinkat(OsString.of("/bin/sh"), directory, OsString.of("new"));

    assertThat(kernel.readlinkat(directory, OsString.of("new"))).hasToString("/bin/sh");
    assertFails(
        Errno.EEXIST,
        "symlinkat(text=/bin/ksh, directory=" + directory + ", path=new): EEXIST (File exists)",
        () -> kernel.symlinkat(OsString.of("/bin/ksh"), directory, OsString.of("new")));
    kernel.close(directory);
  }

  @Test
  void mkdirat_twice_makesOneAndRefuses() throws IOException {
    int directory = open(temporary, PATH_ONLY);
    kernel.mkdirat(directory, OsString.of("new"), 0700);

    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(temporary.resolve("new"))))
        .isEqualTo("rwx------");
    assertFails(
        Errno.EEXIST,
        "mkdirat(directory=" + directory + ", path=new): EEXIST (File exists)",
        () -> kernel.mkdirat(directory, OsString.of("new"), 0700));
    kernel.close(directory);
  }

  @Test
  void personality_asked_isThatOfProc() throws IOException {
    long now = kernel.personality(0xffffffffL);
    String shown = Files.readString(Path.of("/proc/thread-self/personality")).strip();

    assertThat(now).isEqualTo(Long.parseLong(shown, 16));
    assertThat(kernel.personality(0xffffffffL)).isEqualTo(now);
  }

  @Test
  void hasCapability_each_isThatOfProc() throws IOException {
    String thread = Files.readString(Path.of("/proc/thread-self/status"));
    String digits = thread.replaceAll("(?s).*\nCapEff:\t([0-9a-f]+)\n.*", "$1");
    long effective = Long.parseUnsignedLong(digits, 16);

    for (int capability = 0; capability < Long.SIZE; capability++) {
      assertThat(kernel.hasCapability(capability))
          .as("capability %d of %s", capability, digits)
          .isEqualTo((effective >>> capability & 1) != 0);
    }
  }

  @Test
  void getrlimit_openFiles_isThatOfProc() throws IOException {
    String line =
        Files.readAllLines(Path.of("/proc/self/limits")).stream()
            .filter(text -> text.startsWith("Max open files"))
            .findFirst()
            .orElseThrow();
    String[] words = line.split("\\s+");
    ResourceLimit limit = kernel.getrlimit(ResourceLimit.NOFILE);

    assertThat(Long.toString(limit.soft())).isEqualTo(words[3]);
    assertThat(Long.toString(limit.hard())).isEqualTo(words[4]);
  }

  @Test
  void setCloseOnExec_anOpenedOne_changesTheFlag() throws IOException {
    int fd = open(temporary, PATH_ONLY);

    assertThat(flags(fd) & OpenFlags.O_CLOEXEC).isNotZero();
    kernel.setCloseOnExec(fd, false);
    assertThat(flags(fd) & OpenFlags.O_CLOEXEC).isZero();
    kernel.setCloseOnExec(fd, true);
    assertThat(flags(fd) & OpenFlags.O_CLOEXEC).isNotZero();
    kernel.setCloseOnExec(fd, false);
    kernel.closeRangeOnExec(fd, fd);
    assertThat(flags(fd) & OpenFlags.O_CLOEXEC).isNotZero();
    kernel.close(fd);
  }

  private static int flags(int fd) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd))) {
      if (line.startsWith("flags:")) {
        return Integer.parseInt(line.substring(6).strip(), 8);
      }
    }
    throw new AssertionError("no flags of descriptor " + fd);
  }

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#ten")
  void read_whatWasWritten_isTheSame(SplittableRandom random) throws IOException {
    byte[] bytes = new byte[64 * 1024 + random.nextInt(300_000)];
    random.nextBytes(bytes);
    Path file = temporary.resolve("bytes");
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
    int out = kernel.openat(Kernel.AT_FDCWD, os(file), flags, 0600);
    kernel.write(out, bytes);
    kernel.close(out);
    int in = open(file, OpenFlags.O_RDONLY);

    assertThat(kernel.read(in, bytes.length + 10)).isEqualTo(bytes);
    assertThat(kernel.read(in, 10)).isEmpty();
    kernel.close(in);
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#ten")
  void openat_oddName_keepsItsBytes(SplittableRandom random) throws IOException {
    byte[] name = OsString.of("n").plus(OddStrings.any(random, 20)).toBytes();
    for (int i = 0; i < name.length; i++) {
      name[i] = name[i] == '/' ? (byte) 'x' : name[i];
    }
    int directory = open(temporary, PATH_ONLY);
    OsString odd = OsString.ofBytes(name);
    kernel.mkdirat(directory, odd, 0700);
    int fd = kernel.openat(directory, odd, PATH_ONLY, 0);
    OsString shown = kernel.readlinkat(Kernel.AT_FDCWD, OsString.of("/proc/self/fd/" + fd));

    assertThat(shown).isEqualTo(os(temporary.toRealPath()).plus(OsString.of("/")).plus(odd));
    kernel.close(fd);
    kernel.close(directory);
  }

  @Test
  void errno_eightThreadsAtOnce_isEachThreadsOwn() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        boolean even = i % 2 == 0;
        running.add(threads.submit(() -> failOften(even)));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void failOften(boolean even) {
    for (int round = 0; round < 2000; round++) {
      if (even) {
        assertFails(
            Errno.ENOENT,
            "openat(path=/no/such/file, flags=O_RDONLY): " + Errno.ENOENT,
            () -> open(Path.of("/no/such/file"), OpenFlags.O_RDONLY));
      } else {
        assertFails(Errno.EBADF, "fchdir(fd=9999): " + Errno.EBADF, () -> kernel.fchdir(9999));
      }
    }
  }
}
