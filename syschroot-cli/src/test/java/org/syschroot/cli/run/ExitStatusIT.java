// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.cli.Driver;
import org.syschroot.cli.JavaRuntime;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** How a command ends, and how syschroot itself does, with the whole text on standard error. */
@RequiresRoot
@RequiresCommand("debootstrap")
class ExitStatusIT {
  private static final String PATH_START = "syschroot: deb32: cannot execute the command: ";

  private static TestSite site;
  private static Path directory;

  @BeforeAll
  static void createSite() throws Exception {
    site = TestSite.withDeb32();
    directory = Files.createTempDirectory(Path.of("/tmp"), "syschroot-status");
  }

  @AfterAll
  static void removeSite() throws Exception {
    site.close();
    Program.of("rm", "-rf", directory.toString()).run();
  }

  private static Path script(String name, byte[] content, String mode) throws IOException {
    Path file = Files.write(directory.resolve(name), content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  private static Outcome run(String... command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(TestImages.DEB32, "--"));
    words.addAll(List.of(command));
    return site.run(words.toArray(String[]::new));
  }

  static Stream<Arguments> ownStatuses() throws IOException {
    return JavaRuntime.matrix()
        .flatMap(java -> Stream.of(0, 1, 42, 125, 255).map(status -> Arguments.of(java, status)));
  }

  @ParameterizedTest
  @MethodSource("ownStatuses")
  void run_commandExits_statusIsItsOwn(JavaRuntime java, int status) throws Exception {
    assertThat(site.with(java).run(TestImages.DEB32, "--", "sh", "-c", "exit " + status))
        .hasToString("status " + status + "\nout: \nerr: ");
  }

  @ParameterizedTest
  @CsvSource({"TERM,15", "KILL,9", "SEGV,11", "INT,2", "QUIT,3", "USR1,10"})
  void run_commandIsKilled_parentSeesTheSignal(String name, int number) throws Exception {
    List<String> words =
        new ArrayList<>(
            List.of(
                "/usr/bin/perl", "-e", "system { $ARGV[0] } @ARGV; print $? >> 8, ' ', $? & 127"));
    words.addAll(site.words(TestImages.DEB32, "--", "sh", "-c", "kill -" + name + " $$"));
    // By way of the driver, since Maven may have been started with INT and QUIT ignored.
    Driver driver =
        new Driver()
            .line("signals 0 0")
            .bytes("env", List.of("PATH=/usr/bin:/bin"))
            .bytes("directory", List.of("/tmp"));
    assertThat(driver.starting(words, directory).run())
        .hasToString("status 0\nout: 0 " + number + "\nerr: ");
  }

  @Test
  void run_noSuchPath_is127() throws Exception {
    assertThat(run("/no/such"))
        .hasToString(
            "status 127\nout: \nerr: syschroot: deb32: cannot find the command:"
                + " /no/such: ENOENT (No such file or directory)\nhint: install the program in the"
                + " image, or add its directory to mounts\n");
  }

  @Test
  void run_notAlongPath_is127() throws Exception {
    assertThat(run("no-such"))
        .hasToString(
            "status 127\nout: \nerr: syschroot: deb32: cannot find the command no-such in the image"
                + " along PATH: ENOENT (No such file or directory)\nhint: install the program in the"
                + " image, or add its directory to PATH, which is the caller's\n");
  }

  @Test
  void run_emptyCommand_is125() throws Exception {
    assertThat(run(""))
        .hasToString(
            "status 125\nout: \nerr: syschroot: the command is an empty string: give the name of"
                + " a program\n"
                + "hint: syschroot run --help\n");
  }

  @Test
  void run_directory_is126() throws Exception {
    assertThat(run("/etc"))
        .hasToString(
            "status 126\nout: \nerr: " + PATH_START + "/etc: EACCES (Permission denied)\n");
  }

  @Test
  void run_notExecutable_is126() throws Exception {
    Path file = script("plain", "#!/bin/sh\n".getBytes(), "rw-r--r--");
    assertThat(run(file.toString()))
        .hasToString(
            "status 126\nout: \nerr: " + PATH_START + file + ": EACCES (Permission denied)\n");
  }

  @Test
  void run_missingInterpreter_is126() throws Exception {
    Path file = script("orphan", "#!/no/interpreter -x\n".getBytes(), "rwxr-xr-x");
    assertThat(run(file.toString()))
        .hasToString(
            "status 126\nout: \nerr: "
                + PATH_START
                + file
                + ": ENOENT (No such file or directory)\nhint: its #! interpreter /no/interpreter"
                + " is missing in the image\n");
  }

  @Test
  void run_programForAnotherMachine_is126() throws Exception {
    byte[] elf = new byte[64];
    System.arraycopy(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}, 0, elf, 0, 7);
    elf[16] = 2; // ET_EXEC
    boolean onArm = System.getProperty("os.arch").equals("aarch64");
    elf[18] = (byte) (onArm ? 243 : 183); // RISC-V, AArch64
    Path file = script("foreign", elf, "rwxr-xr-x");
    assertThat(run(file.toString()))
        .hasToString(
            "status 126\nout: \nerr: "
                + PATH_START
                + file
                + ": ENOEXEC (Exec format error)\nhint: it is a 64-bit program for "
                + (onArm ? "RISC-V" : "AArch64")
                + ", which this kernel cannot run\n");
  }

  @Test
  void run_textWithoutInterpreter_isRunBySh() throws Exception {
    Path file = script("text", "echo \"$0\" \"$@\"; exit 3\n".getBytes(), "rwxr-xr-x");
    assertThat(run(file.toString(), "a b", ""))
        .hasToString("status 3\nout: " + file + " a b \n\nerr: ");
  }

  @Test
  void run_ownFailure_is125() throws Exception {
    assertThat(site.run("--directory", "/no/such", TestImages.DEB32, "--", "true"))
        .hasToString(
            "status 125\nout: \nerr: syschroot: deb32: cannot enter /no/such in the image: No such"
                + " file or directory\nhint: add \"/no/such\" to mounts in "
                + site.file(TestImages.DEB32)
                + ", or use --directory DIR\n");
  }

  @Test
  void run_wrongUsage_is125() throws Exception {
    assertThat(site.run("--frobnicate", TestImages.DEB32))
        .hasToString(
            "status 125\nout: \nerr: syschroot: unknown option --frobnicate\nhint: syschroot run --help\n");
    assertThat(site.run())
        .hasToString(
            "status 125\nout: \nerr: syschroot: missing argument IMAGE\n"
                + "hint: syschroot run --help\n");
  }

  @Test
  void list_wrongUsage_is2() throws Exception {
    assertThat(Program.of(TestImages.command().toString(), "list", "--frobnicate").run())
        .hasToString(
            "status 2\nout: \nerr: syschroot: unknown option --frobnicate\nhint: syschroot list --help\n");
  }
}
