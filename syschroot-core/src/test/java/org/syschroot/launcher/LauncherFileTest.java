// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.caller.ShellChoice;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.Machine;
import org.syschroot.path.ImagePath;
import org.syschroot.testing.Dose;
import org.syschroot.testing.Seeds;

final class LauncherFileTest {
  private static final String ROOT = "/sysroot/SL54";

  static Stream<Launchers> plans() {
    Launchers plain = Launchers.plain(ROOT);
    return Stream.of(
        plain,
        plain.policy(DirectoryPolicy.ROOT),
        plain.policy(DirectoryPolicy.HOME),
        plain.personality(0xfff0008),
        plain.image(),
        plain.setUserId(),
        plain.dropping(EnumSet.of(Capability.SYS_MODULE)),
        Launchers.full(ROOT),
        Launchers.full(ROOT).setUserId());
  }

  @ParameterizedTest
  @MethodSource("plans")
  void parse_anyCompiledPlan_givesItBack(Launchers launchers) throws Exception {
    for (Machine machine : Machine.values()) {
      byte[] bytes = LaunchCompiler.compile(launchers.plan(), machine);
      LauncherFile file = LauncherFile.parse(bytes);
      assertThat(file.plan()).isEqualTo(launchers.plan());
      assertThat(file.machine()).isEqualTo(machine);
      assertThat(file.intact()).isTrue();
      assertThat(file.isUpToDate(launchers.plan())).isTrue();
      assertThat(file.size()).isLessThanOrEqualTo(8192).isEqualTo(bytes.length);
      assertThat(LaunchPlan.parse(launchers.plan().text())).isEqualTo(launchers.plan());
    }
  }

  @ParameterizedTest
  @EnumSource
  void compile_largestImageLauncher_fits(Machine machine) throws Exception {
    Launchers all = Launchers.plain(ROOT).dropping(EnumSet.allOf(Capability.class));
    assertThat(LaunchCompiler.compile(all.plan(), machine).length).isLessThanOrEqualTo(8192);
  }

  /** So that the kernel reads one page: what a launcher of a command usually has. */
  @Test
  void compile_launcherOfACommand_isAtMost4KiB() throws Exception {
    List<ImagePath> mounts =
        Stream.of("/dev", "/home", "/proc", "/sys", "/tmp").map(ImagePath::of).toList();
    LaunchPlan known = Launchers.plain("/sysroot/SL54").plan();
    LaunchProof proof = new LaunchProof(known.proof().tree(), known.proof().callersRoot(), mounts);
    Launchers usual = Launchers.plain("/sysroot/SL54").proof(proof).personality(8);
    assertThat(LaunchCompiler.compile(usual.plan(), Machine.X86_64).length)
        .isLessThanOrEqualTo(4096);
    Launchers atHome = usual.policy(DirectoryPolicy.HOME);
    assertThat(LaunchCompiler.compile(atHome.plan(), Machine.X86_64).length).isBetween(4096, 4200);
  }

  @Test
  void compile_tooLargeForLimit_saysWhatToShorten() {
    Launchers large = Launchers.plain("/" + "x".repeat(7000));
    assertThatThrownBy(() -> LaunchCompiler.compile(large.plan(), Machine.X86_64))
        .isInstanceOf(LauncherException.class)
        .hasMessageContaining("8192 is the limit");
  }

  @Test
  void entries_commandLauncher_areThePlansCalls() throws Exception {
    Launchers plain = Launchers.plain(ROOT).personality(8);
    for (Machine machine : Machine.values()) {
      LauncherFile file = LauncherFile.parse(LaunchCompiler.compile(plain.plan(), machine));
      List<String> calls =
          file.entries().stream()
              .filter(TableEntry::isSystemCall)
              .map(entry -> entry.name(machine))
              .toList();
      assertThat(calls)
          .containsExactly(
              "getcwd",
              "statx",
              "faccessat",
              "statx",
              "statx",
              "statfs",
              "chdir",
              "statx",
              "statfs",
              "chroot",
              "chdir",
              "chdir",
              "statx",
              "faccessat",
              "writev",
              "getuid",
              "prlimit64",
              "getppid",
              "prlimit64",
              "prlimit64",
              "personality",
              "execve",
              "faccessat",
              "writev",
              "writev",
              "exit_group");
    }
  }

  @Test
  void isUpToDate_otherPlan_saysNo() throws Exception {
    Launchers plain = Launchers.plain(ROOT);
    LauncherFile file = LauncherFile.parse(LaunchCompiler.compile(plain.plan(), Machine.X86_64));
    assertThat(file.isUpToDate(plain.noNewPrivileges().plan())).isFalse();
  }

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#hundred")
  void parse_changedByte_isRefusedOrNotIntact(SplittableRandom random) throws Exception {
    byte[] bytes = LaunchCompiler.compile(Launchers.full(ROOT).plan(), Machine.X86_64);
    for (int i = 0; i < 20; i++) {
      byte[] changed = bytes.clone();
      changed[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
      try {
        assertThat(LauncherFile.parse(changed).intact()).isFalse();
      } catch (LauncherException refused) {
        assertThat(refused).hasMessageContaining("it");
      }
    }
  }

  /** Whatever is in the place of a table, only what a plan compiles to is taken for intact. */
  @Test
  void parse_randomTables_areNeverIntact() throws Exception {
    SplittableRandom random = new SplittableRandom(Long.getLong(Seeds.PROPERTY, 20261128));
    Launchers entry = Launchers.full(ROOT).entry(Launchers.bind("/tmp"), Launchers.bind("/home"));
    Launchers rootless =
        Launchers.full(ROOT).rootless(Launchers.bind("/tmp"), Launchers.bind("/home"));
    for (LaunchPlan plan : List.of(Launchers.full(ROOT).plan(), entry.plan(), rootless.plan())) {
      byte[] bytes = LaunchCompiler.compile(plan, Machine.X86_64);
      int table = Layout.table(Interpreter.of(Machine.X86_64));
      int size = EntryFormat.bytes(LauncherFile.parse(bytes).entries());
      for (int i = 0; i < Dose.of(200, 100_000); i++) {
        byte[] changed = bytes.clone();
        for (int at = 0; at < size; at++) {
          changed[table + at] = (byte) random.nextInt(random.nextBoolean() ? 4 : 256);
        }
        try {
          assertThat(LauncherFile.parse(changed).intact()).isFalse();
        } catch (LauncherException refused) {
          assertThat(refused)
              .hasMessageMatching(
                  "it is damaged: .*|entry \\d+ of its table does not lead to the end");
        }
      }
    }
  }

  @Test
  void parse_fileOfVersionsBefore4_isToBeLinkedAgain() {
    byte[] former = new byte[Layout.FORMER_HEADER + 200];
    byte[] magic = Constants.ascii(Layout.MAGIC);
    System.arraycopy(magic, 0, former, Layout.FORMER_HEADER, magic.length);
    assertThat(LauncherReader.hasHeader(former)).isTrue();
    assertThatThrownBy(() -> LauncherFile.parse(former))
        .isInstanceOf(LauncherException.class)
        .hasMessage("it was created by another release; create it again: syschroot link IMAGE");
  }

  @Test
  void parse_otherBytes_areRefused() {
    assertThatThrownBy(() -> LauncherFile.parse(new byte[10]))
        .isInstanceOf(LauncherException.class)
        .hasMessageContaining("no launcher's header");
    assertThat(LauncherReader.hasHeader("#!/bin/sh\n".getBytes(StandardCharsets.US_ASCII)))
        .isFalse();
  }

  @Test
  void shell_imageWithoutItsOwn_comparesWithKnownShells() {
    LaunchedProgram.Shell shell =
        new LaunchedProgram.Shell(ShellChoice.OF_LAUNCHERS, ImagePath.of("/bin/sh"));
    assertThat(shell.callers()).contains(ImagePath.of("/bin/bash"));
  }
}
