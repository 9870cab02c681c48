// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.kernel.Errno;
import org.syschroot.path.OsString;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchException.Kind;
import org.syschroot.testing.RecordingKernel;
import org.syschroot.testing.RecordingKernel.Executed;

/** Whether a command starts, and what is said if it does not. */
final class ProgramStartTest {
  private static final String TOOL = "/sysroot/x/bin/tool";

  private final RecordingKernel kernel = new RecordingKernel();

  private Throwable run(String... command) {
    return catchThrowable(
        () ->
            new Switches()
                .carryOut(Switches.plan(Switches.run(Switches.image(), command)), kernel));
  }

  private void assertFails(Kind kind, String message, String... command) {
    Throwable end = run(command);
    assertThat(end).isInstanceOf(SwitchException.class).hasMessage("x: " + message);
    assertThat(((SwitchException) end).kind()).isEqualTo(kind);
    assertThat(kernel.openDescriptorsMade())
        .as("the caller's working directory and the image's root")
        .hasSize(2)
        .allMatch(kernel::isCloseOnExec);
  }

  private static byte[] elf(int wordClass, int byteOrder, int machine) {
    byte[] head = new byte[64];
    byte[] magic = {0x7f, 'E', 'L', 'F', (byte) wordClass, (byte) byteOrder};
    System.arraycopy(magic, 0, head, 0, magic.length);
    head[byteOrder == 1 ? 18 : 19] = (byte) machine;
    head[byteOrder == 1 ? 19 : 18] = (byte) (machine >> 8);
    return head;
  }

  @Test
  void run_noSuchPath_isNotFound() {
    assertFails(
        Kind.NOT_FOUND,
        "cannot find the command: execve(path=/bin/tool): ENOENT (No such file or directory)"
            + "\nhint: install the program in the image, or add its directory to mounts",
        "/bin/tool");
  }

  @Test
  void run_nowhereAlongPath_isNotFound() {
    assertFails(
        Kind.NOT_FOUND,
        "cannot find the command tool in the image along PATH: ENOENT (No such file or directory)"
            + "\nhint: install the program in the image, or add its directory to PATH, which is the"
            + " caller's",
        "tool");
    assertThat(kernel.journal())
        .contains("execve(path=/usr/bin/tool) = -1 ENOENT", "execve(path=/bin/tool) = -1 ENOENT");
  }

  @ParameterizedTest
  @CsvSource({"ENOENT", "EACCES", "ENOTDIR"})
  void run_firstOfPathRefuses_takesTheNext(Errno errno) {
    kernel.program("/sysroot/x/usr/bin/tool", errno).program(TOOL);

    assertThat(((Executed) run("tool", "a")).path()).hasToString("/bin/tool");
  }

  @Test
  void run_deniedSomewhereAlongPath_isNotExecutable() {
    kernel.program("/sysroot/x/usr/bin/tool", Errno.EACCES);

    assertFails(
        Kind.NOT_EXECUTABLE,
        "cannot execute the command: execve(path=/usr/bin/tool): EACCES (Permission denied)",
        "tool");
  }

  @Test
  void run_otherError_endsTheSearch() {
    kernel.program("/sysroot/x/usr/bin/tool", Errno.E2BIG).program(TOOL);

    assertFails(
        Kind.NOT_EXECUTABLE,
        "cannot execute the command: execve(path=/usr/bin/tool): E2BIG (Argument list too long)",
        "tool");
  }

  @ParameterizedTest
  @CsvSource({
    "'#!/usr/bin/perl -w\nprint', /usr/bin/perl",
    "'#! /opt/x y', /opt/x",
    "'#!\t/opt/x\ty', /opt/x",
    "'#!/opt/x', /opt/x",
  })
  void run_scriptWithoutItsInterpreter_namesIt(String script, String interpreter) {
    kernel.file(TOOL, script);

    assertFails(
        Kind.NOT_EXECUTABLE,
        "cannot execute the command: execve(path=/bin/tool): ENOENT (No such file or directory);"
            + " hint: its #! interpreter "
            + interpreter
            + " is missing in the image",
        "/bin/tool");
  }

  @Test
  void run_binaryWithoutItsLoader_saysSo() {
    kernel.file(TOOL, elf(2, 1, 62));

    assertFails(
        Kind.NOT_EXECUTABLE,
        "cannot execute the command: execve(path=/bin/tool): ENOENT (No such file or directory);"
            + " hint: its program interpreter (the dynamic loader) is missing in the image:"
            + " reinstall the C library in the image, or create the image again",
        "/bin/tool");
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 3, 32-bit program for i386",
    "2, 1, 183, 64-bit program for AArch64",
    "2, 1, 258, 64-bit program for LoongArch",
    "2, 2, 21, 64-bit program for PowerPC64",
    "1, 2, 8, 32-bit program for MIPS",
    "2, 2, 22, 64-bit program for S/390",
    "1, 1, 4660, 32-bit program for the ELF machine 4660",
  })
  void run_binaryOfAnotherMachine_saysWhich(int bits, int order, int machine, String what) {
    kernel.file(TOOL, elf(bits, order, machine)).program(TOOL, Errno.ENOEXEC);

    assertFails(
        Kind.NOT_EXECUTABLE,
        "cannot execute the command: execve(path=/bin/tool): ENOEXEC (Exec format error); hint: it"
            + " is a "
            + what
            + ", which this kernel cannot run",
        "/bin/tool");
  }

  @Test
  void run_data_isNotExecutable() {
    kernel.file(TOOL, new byte[] {1, 2, 0, 4}).program(TOOL, Errno.ENOEXEC);

    assertFails(
        Kind.NOT_EXECUTABLE,
        "cannot execute the command: execve(path=/bin/tool): ENOEXEC (Exec format error); hint:"
            + " this kernel cannot execute files of this format",
        "/bin/tool");
  }

  @Test
  void run_textWithoutFirstLine_isRunByTheShell() {
    kernel.file(TOOL, "echo \"$1\"\n").program(TOOL, Errno.ENOEXEC).program("/sysroot/x/bin/sh");
    Executed end = (Executed) run("/bin/tool", "a b", "");

    assertThat(end.path()).hasToString("/bin/sh");
    assertThat(end.arguments())
        .extracting(OsString::toString)
        .containsExactly("/bin/sh", "/bin/tool", "a b", "");
  }

  @Test
  void run_textWithoutFirstLineNorShell_saysSo() {
    kernel.file(TOOL, "echo\n").program(TOOL, Errno.ENOEXEC);

    assertFails(
        Kind.NOT_EXECUTABLE,
        "cannot execute the command: execve(path=/bin/sh): ENOENT (No such file or directory);"
            + " hint: it has no #! line, and /bin/sh cannot be executed",
        "/bin/tool");
  }

  @Test
  void run_loginShellMissing_triesTheNext() {
    kernel.program("/sysroot/x/bin/sh");

    assertThat(((Executed) run()).arguments()).containsExactly(OsString.of("sh"));
  }
}
