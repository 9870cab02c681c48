// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.kernel.Machine;
import org.syschroot.launcher.LauncherImage.Outcome;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;
import org.syschroot.testing.Seeds;

/** The interpreter for AArch64, under an emulator that runs one program with the host's kernel. */
@RequiresRoot
@RequiresCommand({"busybox", "setpriv", "bash", "qemu-aarch64-static"})
final class LauncherOnArmTest {
  private static final String QEMU = "/usr/bin/qemu-aarch64-static";

  private LauncherImage image;

  @BeforeEach
  void make() throws IOException {
    image = new LauncherImage();
  }

  @AfterEach
  void remove() throws IOException {
    image.close();
  }

  private Path write(String name, Launchers launchers) throws Exception {
    byte[] bytes = LaunchCompiler.compile(launchers.plan(), Machine.AARCH64);
    return image.executable(image.folder().resolve(name), bytes);
  }

  private Outcome run(Path program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(QEMU, program.toString()));
    command.addAll(List.of(arguments));
    return image.run(command, image.work());
  }

  @Test
  void user_withoutPrivilege_isToldSo() throws Exception {
    Path file = write("sh", image.plain());
    Outcome outcome = image.user(Path.of(QEMU), file.toString());
    assertThat(outcome.err())
        .isEqualTo(
            "syschroot: sl5: cannot enter: Operation not permitted; do not copy or trace a launcher,"
                + " or keep it on a nosuid mount; see: syschroot launcher show FILE\n");
    assertThat(outcome.status()).isEqualTo(125);
  }

  @Test
  void root_program_isExecutedWithArgumentsAndMarker() throws Exception {
    // The emulator hands execve(2) to the host's kernel, which takes programs of the host.
    assertThat(run(write("l", image.plain().command("/bin/exit42"))).status()).isEqualTo(42);
    image.set("SYSCHROOT_IMAGE", "forged").set("LD_LIBRARY_PATH", "/x");
    Outcome shell =
        run(
            write("sh", image.plain().personality(8)),
            "-c",
            "echo $SYSCHROOT_IMAGE $1; pwd",
            "a",
            "b");
    assertThat(shell.isOkInOtherDirectory().lines())
        .containsExactly("sl5 b", image.work().toString());
    Path sl5 = write("sl5", image.plain().image().openFiles(50).noNewPrivileges());
    assertThat(run(sl5, "printf", "%s|", "a b", "").isOkInOtherDirectory().out())
        .isEqualTo("a b||");
    assertThat(run(sl5, "-c", "echo $0; ulimit -n", "x").isOkInOtherDirectory().out())
        .startsWith("x\n");
    assertThat(run(write("m", image.plain().command("/bin/none"))).status()).isEqualTo(127);
  }

  @Test
  void root_directoryMissing_followsThePolicy() throws Exception {
    Files.delete(image.inImage(image.work()));
    Outcome strict = run(write("strict", image.plain()));
    assertThat(strict.err())
        .contains("cannot enter " + image.work() + " in the image: No such file or directory; add");
    assertThat(strict.status()).isEqualTo(125);
    Path sh = write("sh", image.plain().policy(DirectoryPolicy.ROOT));
    assertThat(run(sh, "-c", "pwd").status()).isEqualTo(125);
    Outcome root = lines("exec \"$0\" \"$1\" <<<pwd", image.work(), sh);
    assertThat(root.out()).isEqualTo("/\n");
    assertThat(root.err()).contains(": using / instead\n");
  }

  @Test
  void smallProgram_ofTheSameTable_exits() throws Exception {
    Path file =
        image.executable(image.folder().resolve("x"), SmallProgram.exit(Machine.AARCH64, 42));
    assertThat(run(file).status()).isEqualTo(42);
  }

  /** Runs lines of bash, {@code $0} being the emulator and {@code $1} the launcher. */
  private Outcome lines(String lines, Path directory, Path program, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("bash", "-c", lines, QEMU, program.toString()));
    command.addAll(List.of(arguments));
    return image.run(command, directory);
  }

  @Test
  void root_directoryWithoutPath_followsThePolicy() throws Exception {
    Path strict = write("strict", image.plain());
    Path root = write("root/sh", image.plain().policy(DirectoryPolicy.ROOT));
    String deleted = "mkdir d; cd d; rmdir ../d; exec \"$0\" \"$1\" <<<pwd";
    assertThat(lines(deleted, image.work(), strict).err())
        .isEqualTo(
            "syschroot: sl5: cannot find out the working directory: No such file or directory\n");
    assertThat(lines(deleted, image.work(), root).out()).isEqualTo("/\n");
    Path home = write("home/sh", image.plain().policy(DirectoryPolicy.HOME));
    Path outside = Files.createDirectory(image.folder().resolve("outside"));
    assertThat(lines("exec \"$0\" \"$1\" <<<pwd", outside, home).err())
        .endsWith("syschroot: sl5: HOME is not set\n");
    image.set("HOME", "/bin");
    assertThat(lines("exec \"$0\" \"$1\" <<<pwd", outside, home).out()).isEqualTo("/bin\n");
  }

  @Test
  void root_settings_areMade() throws Exception {
    Launchers all =
        image
            .plain()
            .openFiles(40)
            .noNewPrivileges()
            .variables(Map.of(OsString.of("CLUSTER"), OsString.of("bham")));
    image.set("CLUSTER", "other").set("BASH_FUNC_f%%", "() {  :\n}").set("EMPTY", "");
    // The emulator wants to write to what capset(2) only reads, so no capability is dropped here.
    Path sh = write("sh", all);
    Outcome outcome =
        lines(
            "exec \"$0\" \"$1\" -c 'echo $CLUSTER $SYSCHROOT_IMAGE; cat <&3' 3</proc/self/status",
            image.work(),
            sh);
    assertThat(outcome.isOkInOtherDirectory().out())
        .startsWith("bham sl5\n")
        .contains("NoNewPrivs:\t1");
    assertThat(run(write("env", image.plain().command("/bin/env"))).isOkInOtherDirectory().out())
        .contains("BASH_FUNC_f%%=() {  :\n}\n", "EMPTY=\n", "SYSCHROOT_IMAGE=sl5\n");
  }

  @Test
  void root_commandWithoutPath_isInTheUsualDirectories() throws Exception {
    Path sl5 = write("sl5", image.plain().image());
    Files.createDirectories(image.root().resolve("usr/sbin/sub"));
    String longest = "n".repeat(255);
    for (String name : List.of(longest, "sub/nested")) {
      image.program("usr/sbin/" + name, SmallProgram.exit(Machine.current(), 42));
    }
    String without = "unset PATH; exec \"$0\" \"$1\" \"$2\"";
    assertThat(lines(without, image.work(), sl5, longest).status()).isEqualTo(42);
    for (String other : List.of(longest + "n", longest + longest, "sub/nested", "nosuch")) {
      assertThat(lines(without, image.work(), sl5, other).status()).as(other).isIn(126, 127);
    }
  }

  @Test
  void root_loginAndCallersShell_areTold() throws Exception {
    List<ImagePath> known = List.of(ImagePath.of("/bin/ash"), ImagePath.of("/bin/zsh"));
    Path sl5 =
        write(
            "sl5",
            image.plain().program(new LaunchedProgram.Shell(known, ImagePath.of("/bin/sh"))));
    String asked = "export SHELL=%s; echo 'echo $0' | \"$0\" -0 %s \"$1\"";
    for (List<String> one :
        List.of(
            List.of("/bin/ash", "sl5", "ash\n"),
            List.of("/bin/ash", "-sl5", "-ash\n"),
            List.of("/bin/zsh", "sl5", "sh\n"),
            List.of("/bin/bash", "-sl5", "-sh\n"))) {
      Outcome outcome = lines(String.format(asked, one.get(0), one.get(1)), image.work(), sl5);
      assertThat(outcome.isOkInOtherDirectory().out()).isEqualTo(one.get(2));
    }
  }

  @Test
  void calls_random_execOrExitCleanly() throws Exception {
    int calls = Dose.of(100, 5_000);
    Path command = write("l", image.plain().command("/bin/exit42"));
    Path sl5 = write("sl5", image.plain().image().policy(DirectoryPolicy.HOME));
    RandomCalls batch =
        new RandomCalls(
            new SplittableRandom(Long.getLong(Seeds.PROPERTY, 20261124)),
            List.of(QEMU + " " + command, QEMU + " " + sl5),
            false);
    for (int done = 0; done < calls; done += RandomCalls.BATCH) {
      int size = Math.min(RandomCalls.BATCH, calls - done);
      Outcome outcome = image.run(List.of("bash", "-c", batch.script(size)), image.work());
      List<String> statuses = outcome.lines().stream().filter(l -> l.startsWith("=")).toList();
      assertThat(statuses).as(outcome.err()).hasSize(size);
      assertThat(statuses).isSubsetOf("=42", "=125", "=126", "=127", "=0", "=1", "=2");
      assertThat(statuses).contains("=42");
    }
  }
}
