// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.mounts.tree.TreeRemoval;
import org.syschroot.path.HostPath;

class HostImageTest {
  private static final String PATH = "/usr/local/bin:/usr/bin:/bin";
  private static final Consumer<Path> SILENT = path -> {};

  @TempDir Path directory;
  private Path bin;
  private Path root;

  @BeforeEach
  void createDirectories() throws IOException {
    directory = directory.toRealPath();
    bin = Files.createDirectory(directory.resolve("bin"));
    root = directory.resolve("image");
  }

  @AfterEach
  void removeImage() throws IOException {
    if (Files.isDirectory(root)) {
      TreeRemoval.of(LinuxKernel.running(), HostPath.of(root)).removeAll();
    }
  }

  private static void requireRoot() throws IOException {
    assumeTrue(LinuxProcessCalls.running().effectiveUid() == 0, "needs root");
  }

  private Path script(String name, String text) throws IOException {
    Path script = Files.writeString(bin.resolve(name), text);
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    return script;
  }

  private HostImageReport create(String... programs) throws IOException {
    return HostImage.searching(bin + ":" + PATH).create(root, List.of(programs), SILENT);
  }

  private void assertRefused(String message, Path image, String... programs) throws IOException {
    List<Path> before = tree();
    assertThatThrownBy(
            () -> HostImage.searching(bin.toString()).create(image, List.of(programs), SILENT))
        .isInstanceOf(CreateException.class)
        .hasMessage(message);
    assertThat(tree()).isEqualTo(before);
  }

  private List<Path> tree() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.sorted().toList();
    }
  }

  @Test
  void create_hostPrograms_runInTheImage() throws Exception {
    requireRoot();
    HostImageReport report = create("sh", "cat", "id", "/bin/ls");
    ProcessResult result =
        ProcessResult.of(
            "chroot",
            root.toString(),
            "/bin/sh",
            "-c",
            "cat /etc/passwd && id && ls -d /dev /proc /sys /tmp /root /home /var/tmp /run");
    assertThat(result.output())
        .startsWith(Files.readString(Path.of("/etc/passwd")))
        .contains("uid=0(root) gid=0(root)")
        .endsWith("/dev\n/home\n/proc\n/root\n/run\n/sys\n/tmp\n/var/tmp\n");
    assertThat(result.status()).isZero();
    assertThat(report.programs()).hasSize(4).contains(Path.of("/bin/ls"));
    assertThat(report.libraries()).isNotEmpty();
    assertThat(report.bytes()).isGreaterThan(Files.size(Path.of("/bin/sh")));
    assertThat(root.resolve("etc/os-release")).isRegularFile();
    assertThat(Files.isSymbolicLink(root.resolve("etc/os-release"))).isFalse();
  }

  @Test
  void create_links_areReproduced() throws Exception {
    requireRoot();
    create("sh");
    for (String path : List.of("/bin", "/lib", "/lib64", "/bin/sh")) {
      if (Files.isSymbolicLink(Path.of(path))) {
        assertThat(Files.readSymbolicLink(root.resolve(path.substring(1))))
            .isEqualTo(Files.readSymbolicLink(Path.of(path)));
      }
    }
  }

  @Test
  void create_modesAndOwners_areAsDescribed() throws Exception {
    requireRoot();
    Path program = Files.copy(Path.of("/bin/cat"), bin.resolve("mine"));
    Files.setAttribute(program, "unix:uid", 1234);
    Files.setAttribute(program, "unix:mode", 06775);
    create("mine");
    Path copy = root.resolve(program.toString().substring(1));
    assertThat(Files.getAttribute(copy, "unix:uid")).isEqualTo(0);
    assertThat(mode(copy)).isEqualTo(0755);
    assertThat(mode(root.resolve("tmp"))).isEqualTo(01777);
    assertThat(mode(root.resolve("var/tmp"))).isEqualTo(01777);
    assertThat(mode(root.resolve("root"))).isEqualTo(0700);
    assertThat(mode(root)).isEqualTo(0755);
  }

  private static int mode(Path file) throws IOException {
    return (Integer) Files.getAttribute(file, "unix:mode") & 07777;
  }

  @Test
  void create_scriptOfEnv_bringsItsInterpreter() throws Exception {
    requireRoot();
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/perl")), "needs perl");
    Path script = script("hello", "#!/usr/bin/env perl\nprint \"hello from $]\\n\" if $] > 5;\n");
    Path link = Files.createSymbolicLink(bin.resolve("hi"), Path.of("../bin/hello"));
    HostImageReport report = create("hi");
    assertThat(report.programs())
        .containsExactly(link, Path.of("/usr/bin/env"), Path.of("/usr/bin/perl"));
    ProcessResult result = ProcessResult.of("chroot", root.toString(), link.toString());
    assertThat(result.output()).startsWith("hello from 5.");
    assertThat(result.status()).isZero();
    assertThat(root.resolve(script.toString().substring(1))).isRegularFile();
  }

  @Test
  void create_sparseFile_staysSparse() throws Exception {
    requireRoot();
    Path program = script("sparse", "#!/bin/sh\nexit 0\n");
    try (RandomAccessFile file = new RandomAccessFile(program.toFile(), "rw")) {
      file.setLength(1L << 28);
      file.seek(1L << 27);
      file.write('x');
    }
    create("sparse");
    Path copy = root.resolve(program.toString().substring(1));
    assertThat(Files.mismatch(program, copy)).isEqualTo(-1);
    String blocks = ProcessResult.of("stat", "-c", "%b", copy.toString()).output().strip();
    assertThat(Long.parseLong(blocks)).isLessThan(10_000);
  }

  @Test
  void create_emptyRoot_isUsed() throws Exception {
    requireRoot();
    Files.createDirectory(root);
    create("sh");
    assertThat(root.resolve("bin/sh")).exists();
  }

  @Test
  void create_libraryCache_isMadeForTheImage() throws Exception {
    requireRoot();
    assumeTrue(Files.exists(Path.of("/sbin/ldconfig")), "needs ldconfig");
    create("sh");
    assertThat(root.resolve("etc/ld.so.cache")).isRegularFile();
    assertThat(Files.mismatch(root.resolve("etc/ld.so.cache"), Path.of("/etc/ld.so.cache")))
        .isNotEqualTo(-1);
  }

  @Test
  void create_unusableRoot_isRefused() throws IOException {
    Path full = Files.createDirectory(directory.resolve("full"));
    Path file = Files.writeString(full.resolve("file"), "x");
    Path link = Files.createSymbolicLink(directory.resolve("link"), full);
    assertRefused(
        "the root \"image\" of the image is not absolute: give the whole pathname, from /, such as"
            + " /sysroot/NAME",
        Path.of("image"),
        "/bin/sh");
    assertRefused(
        "the root directory of an image cannot be /: use another directory, such as"
            + ""
            + " /sysroot/NAME",
        Path.of("/"),
        "/bin/sh");
    assertRefused(
        "the root " + full + "/../new of the image contains \"..\": write the path out",
        full.resolve("../new"),
        "/bin/sh");
    assertRefused(
        "cannot create " + root + "/sub: " + root + " is missing: mkdir -p " + root,
        root.resolve("sub"),
        "/bin/sh");
    assertRefused(
        "cannot create "
            + file
            + "/sub: "
            + file
            + " is not a directory: use another root"
            + " directory",
        file.resolve("sub"),
        "/bin/sh");
    assertRefused(
        full + " exists and is not empty: use another root directory, or empty it first",
        full,
        "/bin/sh");
    assertRefused(
        file + " exists and is not a directory: use another root" + " directory", file, "/bin/sh");
    assertRefused(
        link + " is a symbolic link: use the pathname of the directory itself", link, "/bin/sh");
  }

  @Test
  void create_rootOfOthers_isRefused() throws IOException {
    Files.createDirectory(root);
    Files.setAttribute(root, "unix:mode", 0777);
    assertRefused(
        root + " is writable by users other than root (mode 0777): chmod go-w" + " " + root,
        root,
        "/bin/sh");
    requireRoot();
    Files.setAttribute(root, "unix:uid", 1234);
    assertRefused(
        root
            + " belongs to uid 1234, not to root: use a directory of root, or one that does not"
            + " exist",
        root,
        "/bin/sh");
  }

  /** Its owner could put a symbolic link in the place of the image while root copies to it. */
  @Test
  void create_directoryAboveOfOthers_isRefused() throws IOException {
    requireRoot();
    Path above = Files.createDirectory(directory.resolve("above"));
    Path image = above.resolve("root-of-root/image");
    Files.createDirectory(image.getParent());
    Files.setAttribute(above, "unix:uid", 1234);
    String message =
        above
            + " belongs to uid 1234, not to root: use a directory that only root can modify, and"
            + " so all directories above it";
    assertRefused(message + ", or use another root directory", image, "/bin/sh");
    Files.createDirectory(image);
    assertRefused(message + ", or use another root directory", image, "/bin/sh");

    Files.setAttribute(above, "unix:uid", 0);
    Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwxrwxr-x"));
    message = above + " is writable by users other than root (mode 0775): chmod go-w " + above;
    assertRefused(message + ", or use another root directory", image, "/bin/sh");

    Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), above);
    Files.setAttribute(link, "unix:uid", 1234, LinkOption.NOFOLLOW_LINKS);
    message = link + " belongs to uid 1234, not to root: chown -h root " + link;
    assertRefused(message + ", or use another root directory", link.resolve("image"), "/bin/sh");
  }

  @Test
  void create_missingPrograms_areAllNamed() throws IOException {
    Path script = script("script", "#!/no/such/interpreter\n");
    Path env = script("env-script", "#!/usr/bin/env nosuchperl\n");
    Path plain = Files.writeString(directory.resolve("plain"), "x");
    assertRefused(
        "cannot create an image from these programs: no such program: nosuch in "
            + bin
            + "; no such program: /no/such; \"./sh\" is neither a name nor an absolute path; "
            + plain
            + " is not an executable file; no such program: /no/such/interpreter, the"
            + " interpreter of "
            + script
            + "; no such program: nosuchperl in "
            + bin
            + ", the interpreter of "
            + env
            + ": install the missing files, or omit the program",
        root,
        "nosuch",
        "/no/such",
        "./sh",
        plain.toString(),
        "script",
        "env-script");
    assertRefused("give at least one program for the image, such as sh", root);
  }

  @Test
  void create_missingLibrary_isNamed() throws IOException {
    // The names in the file are changed to others of the same length.
    byte[] program = Files.readAllBytes(Path.of("/bin/cat"));
    String text = new String(program, StandardCharsets.ISO_8859_1);
    assumeTrue(text.contains("libc.so.6"), "needs a cat that is linked with glibc");
    Path broken = script("broken", "");
    Files.write(
        broken, text.replace("libc.so.6", "libq.so.6").getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(
        "cannot create an image from these programs: no such library: libq.so.6, which "
            + broken
            + " needs: install the missing files, or omit the program",
        root,
        "broken");
  }

  @Test
  void create_kernelsFile_isRefused() throws IOException {
    assertRefused(
        "cannot create an image from these programs: cannot use /proc/self/exe: /proc: files of"
            + " the kernel cannot be copied: install the missing files, or omit the program",
        root,
        "/proc/self/exe");
  }

  @Test
  void create_failureHalfWay_leavesNothing() throws IOException {
    Path vanishing = script("vanishing", "#!/bin/sh\n");
    List<Path> before = tree();
    Consumer<Path> remover =
        path -> {
          if (path.equals(bin)) {
            assertThat(root.resolve("bin")).exists();
            assertThat(vanishing.toFile().delete()).isTrue();
          }
        };
    HostImage image = HostImage.searching(bin + ":" + PATH);
    assertThatThrownBy(() -> image.create(root, List.of("sh", "vanishing"), remover))
        .isInstanceOf(CreateException.class)
        .hasMessage(
            "cannot create the image in "
                + root
                + ": "
                + vanishing
                + ": no such file or directory (all created files were deleted)");
    script("vanishing", "#!/bin/sh\n");
    assertThat(tree()).isEqualTo(before);
  }

  @Test
  void create_failureInExistingRoot_leavesItEmpty() throws IOException {
    Files.createDirectory(root);
    Consumer<Path> failing =
        path -> {
          throw new IllegalStateException("of the listener");
        };
    assertThatThrownBy(() -> HostImage.searching(PATH).create(root, List.of("sh"), failing))
        .isInstanceOf(IllegalStateException.class);
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void create_interruptedThread_leavesNothing() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> create("sh")).isInstanceOf(IOException.class);
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      Thread.interrupted();
    }
    assertThat(root).doesNotExist();
  }
}
