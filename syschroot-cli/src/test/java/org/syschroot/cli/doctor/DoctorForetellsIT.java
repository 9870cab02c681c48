// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syschroot.cli.doctor.DoctorSite.finding;
import static org.syschroot.cli.doctor.DoctorSite.ids;
import static org.syschroot.cli.doctor.DoctorSite.native_;
import static org.syschroot.cli.doctor.DoctorSite.text;
import static org.syschroot.cli.doctor.DoctorSite.texts;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** What the doctor foretells, and what then happens when the image is entered. */
@InOwnMountNamespace
@RequiresCommand({"debootstrap", "dpkg-deb"})
class DoctorForetellsIT {
  private static final String STANDARD = "mounts = [\"standard\"]";
  private static final String LIBRARIES = "usr/lib/x86_64-linux-gnu/";
  private static final byte[] ABI_NOTE =
      ByteBuffer.allocate(12)
          .order(ByteOrder.LITTLE_ENDIAN)
          .put("GNU\0".getBytes(StandardCharsets.US_ASCII))
          .putInt(0)
          .putInt(3)
          .array();

  private DoctorSite doctor;

  @BeforeEach
  void makeSite() throws Exception {
    doctor = new DoctorSite();
  }

  @AfterEach
  void removeSite() throws Exception {
    doctor.close();
  }

  private static int indexOf(byte[] bytes, byte[] wanted) {
    for (int i = 0; i + wanted.length <= bytes.length; i++) {
      if (java.util.Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
        return i;
      }
    }
    throw new AssertionError("the bytes to change are not there");
  }

  private static void replace(Path file, byte[] wanted, int offset, int... words)
      throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = indexOf(bytes, wanted) + offset;
    for (int i = 0; i < words.length; i++) {
      buffer.putInt(at + 4 * i, words[i]);
    }
    Path changed = file.resolveSibling("changed");
    Files.copy(file, changed, StandardCopyOption.COPY_ATTRIBUTES);
    Files.write(changed, bytes);
    Files.move(changed, file, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Makes the note of a library ask for Linux 99.0. */
  private static void askForKernel99(Path library) throws IOException {
    replace(library, ABI_NOTE, 8, 99, 0, 0);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private void assertRun(int status, String error, String image, String... command)
      throws Exception {
    String[] words = new String[command.length + 2];
    words[0] = image;
    words[1] = "--";
    System.arraycopy(command, 0, words, 2, command.length);
    Outcome outcome = doctor.run("run", words);
    assertThat(outcome.status()).as("%s", outcome).isEqualTo(status);
    assertThat(outcome.errText()).contains(error);
  }

  /** What debootstrap unpacks has a link /proc to itself, until it is run for the second time. */
  private Path unpacked(String name, Path like) throws Exception {
    Path root = doctor.image(name, like, STANDARD);
    Files.delete(root.resolve("proc"));
    Files.createDirectory(root.resolve("proc"));
    return root;
  }

  @Test
  void mountPointThatLeadsNowhere_run_fails() throws Exception {
    Path root = doctor.image("old", TestImages.bullseye(), STANDARD);
    assertThat(texts(doctor.finding("old", "mount-point-missing"), "paths"))
        .containsExactly(root + "/proc");
    assertRun(125, "ELOOP", "old", "/bin/true");
  }

  @Test
  void loaderForKernel99_oldGlibc_saysThatTheKernelIsTooOld() throws Exception {
    Path root = unpacked("old", TestImages.bullseye());
    assertThat(doctor.ids("old")).noneMatch(id -> id.contains("kernel"));
    assertRun(0, "", "old", "/bin/ls", "/");
    askForKernel99(root.resolve(LIBRARIES + "libc-2.31.so"));
    var finding = doctor.finding("old", "kernel-too-old");
    assertThat(text(finding, "cause")).contains("libc-2.31.so for Linux 99.0.0");
    assertRun(
        127,
        "libc.so.6: cannot open shared object file: No such file or directory",
        "old",
        "/bin/sh",
        "-c",
        ":");
    // The loader's own constant, which is the same number in a real release: cmp $0x301ff, %eax
    replace(root.resolve(LIBRARIES + "ld-2.31.so"), bytes(0x3d, 0xff, 1, 3, 0), 1, (99 << 16) - 1);
    assertThat(text(doctor.finding("old", "kernel-too-old"), "effect"))
        .contains("FATAL: kernel too old");
    assertRun(127, "FATAL: kernel too old", "old", "/bin/sh", "-c", ":");
  }

  @Test
  void libraryForKernel99_oldGlibc_cannotBeOpened() throws Exception {
    Path root = unpacked("old", TestImages.bullseye());
    askForKernel99(root.resolve(LIBRARIES + "libdl-2.31.so"));
    var finding = doctor.finding("old", "library-kernel-too-old");
    assertThat(text(finding, "effect"))
        .contains("cannot open shared object file: No such file or directory");
    assertThat(texts(finding, "paths")).containsExactly(root + "/" + LIBRARIES + "libdl-2.31.so");
    assertRun(
        127,
        "libdl.so.2: cannot open shared object file: No such file or directory",
        "old",
        "/bin/ls");
    assertRun(0, "", "old", "/bin/sh", "-c", ":");
  }

  @Test
  void libcForKernel99_newGlibc_runsAllTheSame() throws Exception {
    Path root = doctor.image("new", TestImages.deb32(), STANDARD);
    askForKernel99(root.resolve("usr/lib/i386-linux-gnu/libc.so.6"));
    assertThat(text(doctor.finding("new", "built-for-newer-kernel"), "severity"))
        .isEqualTo("notice");
    assertRun(0, "", "new", "/bin/sh", "-c", ":");
  }

  @Test
  void foreignArchitecture_noHandler_endsWithExecFormatError() throws Exception {
    unpacked("arm", TestImages.arm64());
    JsonObject diagnosis = doctor.diagnosis("arm", Map.of());
    boolean isForeign = ids(diagnosis).contains("error foreign-architecture");
    Outcome outcome = doctor.run("run", "arm", "--", "/bin/true");
    if (isForeign) {
      assertThat(finding(diagnosis, "foreign-architecture").toString()).contains("AARCH64");
      assertThat(outcome.status()).as("%s", outcome).isEqualTo(126);
      assertThat(outcome.errText()).contains("ENOEXEC");
    } else {
      assertThat(ids(diagnosis)).contains("notice emulated-architecture");
      assertThat(outcome.status()).as("%s", outcome).isZero();
    }
  }

  /** Assembles a static program. */
  private static Path assemble(String option, String machine, String... lines) throws Exception {
    Path folder = DoctorSite.FOLDER;
    Path source = Files.write(folder.resolve("program.s"), List.of(lines));
    native_("as", option, source.toString(), "-o", folder + "/program.o");
    native_("ld", "-m", machine, folder + "/program.o", "-o", folder + "/program");
    return folder.resolve("program");
  }

  @Test
  @RequiresCommand({"as", "ld"})
  void staticProgramWithVsyscall_run_diesWhereTheKernelHasNone() throws Exception {
    Path root = unpacked("old", TestImages.bullseye());
    Path program =
        assemble(
            "--64",
            "elf_x86_64",
            ".globl _start",
            "_start: xor %edi, %edi",
            "mov $0xffffffffff600400, %rax", // time(2)
            "call *%rax",
            "xor %edi, %edi",
            "mov $60, %eax",
            "syscall");
    Files.copy(program, root.resolve("usr/bin/old"), StandardCopyOption.COPY_ATTRIBUTES);
    boolean foretold = doctor.ids("old").contains("error vsyscall-missing");
    assertThat(foretold)
        .isNotEqualTo(Files.readString(Path.of("/proc/self/maps")).contains("[vsyscall]"));
    assertRun(foretold ? 139 : 0, "", "old", "/usr/bin/old");
  }

  @Test
  @RequiresCommand({"mkfs.xfs", "as", "ld", "losetup"})
  void inodeOver32Bits_oldStat_answersEoverflow() throws Exception {
    Path root = doctor.image("deb", TestImages.deb32(), "mounts = [\"standard\", \"/mnt/home\"]");
    Path disk = DoctorSite.FOLDER.resolve("disk");
    native_("truncate", "-s", "8T", disk.toString());
    native_("mkfs.xfs", "-q", "-l", "size=64m", disk.toString());
    Path home = Files.createDirectories(DoctorSite.FOLDER.resolve("home/ann"));
    native_("mount", "-o", "loop,inode64", disk.toString(), home.toString());
    // XFS puts each new directory into the next of its groups of 1 TiB.
    for (int i = 0; i < 9; i++) {
      Files.createDirectory(home.resolve("d" + i));
    }
    var finding = doctor.finding("deb", "inode-too-large", Map.of("HOME", home.toString()));
    List<String> large = texts(finding, "paths");
    assertThat(large).contains(home + "/d5");
    assertThat(
            ((Number) Files.getAttribute(Path.of(large.get(large.size() - 1)), "unix:ino"))
                .longValue())
        .isGreaterThan(1L << 32);
    Path stat =
        assemble(
            "--32",
            "elf_i386",
            ".globl _start",
            "_start: movl 8(%esp), %ebx",
            "subl $256, %esp",
            "movl %esp, %ecx",
            "movl $106, %eax", // stat(2) before there was stat64(2)
            "int $0x80",
            "negl %eax",
            "movl %eax, %ebx",
            "movl $1, %eax",
            "int $0x80");
    Files.copy(stat, root.resolve("bin/old-stat"), StandardCopyOption.COPY_ATTRIBUTES);
    String overflow = "75"; // EOVERFLOW
    String each = "for i in 0 1 2 3 4 5 6 7 8; do /bin/old-stat $0/d$i; echo $?; done";
    List<String> statuses =
        doctor
            .run("run", "deb", "--", "sh", "-c", each, home.toString())
            .outText()
            .lines()
            .toList();
    assertThat(statuses).hasSize(9);
    for (int i = 0; i < 9; i++) {
      assertThat(statuses.get(i))
          .as("d%d", i)
          .isEqualTo(large.contains(home + "/d" + i) ? overflow : "0");
    }
    native_("umount", home.toString());
  }

  @Test
  void readOnlyImage_mountPointMissing_isMadeOverIt() throws Exception {
    Path root =
        doctor.image("deb", TestImages.deb32(), "mounts = [\"standard\", \"/mnt:/not/there\"]");
    native_("mount", "-o", "remount,ro", root.toString());
    assertThat(doctor.ids("deb")).doesNotContain("error mount-point-missing");
    assertRun(0, "", "deb", "/bin/ls", "/not/there");
  }

  @Test
  void shellMissing_scripts_areNotFound() throws Exception {
    Path root = doctor.image("deb", TestImages.deb32(), STANDARD, "shell = \"/bin/tcsh\"");
    Files.delete(root.resolve("usr/bin/sh"));
    JsonObject diagnosis = doctor.diagnosis("deb", Map.of());
    assertThat(ids(diagnosis)).contains("error shell-missing", "error configured-shell-missing");
    finding(diagnosis, "shell-missing");
    finding(diagnosis, "configured-shell-missing");
    assertRun(127, "ENOENT", "deb", "/bin/sh", "-c", ":");
    assertThat(doctor.run("run", "deb").status()).isEqualTo(127);
  }

  @Test
  void accountAndTimeZone_differ_showAsForetold() throws Exception {
    Path root = doctor.image("deb", TestImages.deb32(), STANDARD);
    native_(
        "sh",
        "-c",
        "echo ann:x:4711:4711::/home/ann:/bin/bash > /mnt/p && cat /etc/passwd >> /mnt/p");
    native_("mount", "--bind", "/mnt/p", "/etc/passwd");
    Files.delete(root.resolve("etc/localtime"));
    Path zone = Path.of("/usr/share/zoneinfo/Asia/Tokyo");
    Files.copy(zone, root.resolve("etc/localtime"));
    JsonObject diagnosis = doctor.diagnosis("deb", Map.of());
    assertThat(text(finding(diagnosis, "account-missing"), "effect")).contains("ann");
    assertThat(doctor.run("run", "deb", "--", "id", "ann").status()).isEqualTo(1);
    assertThat(text(finding(diagnosis, "time-zone-differs"), "cause")).contains("JST-9");
    assertThat(doctor.run("run", "deb", "--", "date", "+%Z").outText()).isEqualTo("JST\n");
    doctor.settings("deb", root, STANDARD, "accounts = \"merged\"", "consistent = [\"timezone\"]");
    assertThat(doctor.run("sync", "deb").status()).isZero();
    assertThat(doctor.ids("deb"))
        .doesNotContain("warning account-missing", "warning time-zone-differs");
    assertThat(doctor.run("run", "deb", "--", "id", "-u", "ann").outText()).isEqualTo("4711\n");
    assertThat(doctor.run("run", "deb", "--", "date", "+%Z").outText()).doesNotContain("JST");
    native_("umount", "/etc/passwd");
  }

  @Test
  void danglingDevLog_logger_cannotReachADaemon() throws Exception {
    Path dev = Files.createDirectories(DoctorSite.FOLDER.resolve("dev"));
    Path run = Files.createDirectories(DoctorSite.FOLDER.resolve("run"));
    Path root = doctor.image("deb", TestImages.deb32(), "mounts = [\"/proc\", \"/mnt/dev:/dev\"]");
    Files.createSymbolicLink(dev.resolve("log"), Path.of("/mnt/run/log"));
    String[] logger = {"logger", "--socket-errors=on", "-u", "/dev/log", "hello"};
    assertThat(text(doctor.finding("deb", "dev-log-unreachable"), "cause"))
        .contains("symbolic link");
    assertRun(1, "No such file or directory", "deb", logger);
    // Seen in the image, with nobody behind it, then with somebody.
    doctor.settings("deb", root, "mounts = [\"/proc\", \"/mnt/dev:/dev\", \"/mnt/run\"]");
    String listen =
        "use Socket; socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; bind($s, sockaddr_un('"
            + run
            + "/log')) or die; ";
    native_("perl", "-e", listen);
    assertThat(text(doctor.finding("deb", "dev-log-unreachable"), "cause"))
        .contains("no program listens");
    assertRun(1, "Connection refused", "deb", logger);
    Files.delete(run.resolve("log"));
    try (Program.Running listener =
        Program.of(
                "perl",
                "-e",
                "$|=1; " + listen + "print qq(ready\\n); recv($s, my $m, 999, 0); print $m")
            .start()) {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!listener.outSoFar().contains("ready")) {
        assertThat(System.nanoTime()).as("the listener's deadline").isLessThan(deadline);
        Thread.onSpinWait();
      }
      assertThat(doctor.ids("deb")).noneMatch(id -> id.contains("dev-log"));
      assertRun(0, "", "deb", logger);
      assertThat(listener.await().outText()).contains("hello");
    }
  }

  @Test
  void imageOpenToOthers_run_isRefused() throws Exception {
    Path root = doctor.image("deb", TestImages.deb32(), STANDARD);
    native_("chmod", "o+w", root.toString());
    JsonObject diagnosis = doctor.diagnosis("deb", Map.of());
    finding(diagnosis, "image-root-untrusted");
    finding(diagnosis, "image-writable-by-others");
    assertRun(125, "is writable by users other than root", "deb", "/bin/true");
  }

  @Test
  void configurationOpenToOthers_run_isRefused() throws Exception {
    doctor.image("deb", TestImages.deb32(), STANDARD);
    native_("chmod", "o+w", doctor.site.file("deb").toString());
    assertThat(texts(doctor.finding("deb", "configuration-writable-by-others"), "paths"))
        .containsExactly(doctor.site.file("deb").toString());
    assertRun(125, "is writable by users other than root", "deb", "/bin/true");
  }

  @Test
  void setUserIdProgramOfNobody_run_givesItsPrivilege() throws Exception {
    Path root = doctor.image("deb", TestImages.deb32(), STANDARD);
    Files.copy(root.resolve("usr/bin/id"), root.resolve("opt/id"));
    native_("chmod", "4755", root + "/opt/id");
    var finding = doctor.finding("deb", "privileged-file-unknown");
    assertThat(texts(finding, "paths")).containsExactly(root + "/opt/id");
    Outcome outcome = doctor.run("run", "--user", "65534", "deb", "--", "/opt/id", "-u");
    assertThat(outcome.outText()).isEqualTo("0\n");
  }

  @Test
  void imageMissing_run_isRefused() throws Exception {
    doctor.settings("gone", DoctorSite.FOLDER.resolve("gone"));
    doctor.finding("gone", "image-root-missing");
    assertRun(125, "ENOENT", "gone", "/bin/true");
  }
}
