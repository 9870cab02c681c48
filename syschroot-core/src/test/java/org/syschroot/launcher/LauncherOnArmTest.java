// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.kernel.Machine;
import org.syschroot.launcher.LauncherImage.Outcome;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

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
            "syschroot: sl5: chroot "
                + image.root()
                + ": EPERM (a copy, traced, no_new_privs, nosuid mount?)\n");
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
    assertThat(shell.isOk().lines()).containsExactly("sl5 b", image.work().toString());
    Path sl5 = write("sl5", image.plain().image().openFiles(50).noNewPrivileges());
    assertThat(run(sl5, "printf", "%s|", "a b", "").isOk().out()).isEqualTo("a b||");
    assertThat(run(sl5, "-c", "echo $0; ulimit -n", "x").isOk().out()).startsWith("x\n");
    assertThat(run(write("m", image.plain().command("/bin/none"))).status()).isEqualTo(127);
  }

  @Test
  void root_directoryMissing_followsThePolicy() throws Exception {
    Files.delete(image.inImage(image.work()));
    Outcome strict = run(write("strict", image.plain()));
    assertThat(strict.err()).contains("chdir " + image.work() + ": ENOENT\n");
    assertThat(strict.status()).isEqualTo(125);
    Outcome root = run(write("sh", image.plain().policy(DirectoryPolicy.ROOT)), "-c", "pwd");
    assertThat(root.out()).isEqualTo("/\n");
    assertThat(root.err()).contains(": using / instead\n");
  }

  @Test
  void smallProgram_ofTheSameTable_exits() throws Exception {
    Path file =
        image.executable(image.folder().resolve("x"), SmallProgram.exit(Machine.AARCH64, 42));
    assertThat(run(file).status()).isEqualTo(42);
  }
}
