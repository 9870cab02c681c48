// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.Machine;
import org.syschroot.path.ImagePath;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** The system calls that launchers really make are those in the file, in that order. */
@RequiresRoot
@RequiresCommand({"busybox", "strace", "bash"})
final class LauncherSystemCallsTest {
  private static final Pattern CALL = Pattern.compile("([a-z_0-9]+)\\(.*");

  private LauncherImage image;

  @BeforeEach
  void make() throws IOException {
    image = new LauncherImage();
  }

  @AfterEach
  void remove() throws IOException {
    image.close();
  }

  /** Each setting by itself and all of them, in both forms. */
  static Stream<Arguments> plans() {
    List<Arguments> plans = new ArrayList<>();
    for (Privilege privilege : List.of(Privilege.FILE_CAPABILITY, Privilege.SET_USER_ID)) {
      for (int settings = 0; settings < 32; settings++) {
        for (DirectoryPolicy policy : EnumSet.complementOf(EnumSet.of(DirectoryPolicy.SAME))) {
          if (settings == 31 || Integer.bitCount(settings) <= 1 || policy == DirectoryPolicy.ROOT) {
            plans.add(Arguments.of(privilege, policy, settings));
          }
        }
      }
    }
    return plans.stream();
  }

  private Launchers plan(Privilege privilege, DirectoryPolicy policy, int settings)
      throws IOException {
    Launchers plan = image.plain().policy(policy).command("/bin/exit42");
    if (privilege == Privilege.SET_USER_ID) {
      plan = plan.setUserId();
    }
    if ((settings & 1) != 0) {
      plan = plan.personality(8);
    }
    if ((settings & 2) != 0) {
      plan = plan.openFiles(100);
    }
    if ((settings & 4) != 0) {
      plan = plan.dropping(Set.of(Capability.SYS_MODULE, Capability.SYS_RAWIO));
    }
    if ((settings & 8) != 0) {
      plan = plan.noNewPrivileges();
    }
    if ((settings & 16) != 0) {
      plan =
          plan.program(
              new LaunchedProgram.Shell(
                  List.of(ImagePath.of("/bin/zsh")), ImagePath.of("/bin/exit42")));
    }
    return plan;
  }

  private static List<String> expected(Privilege privilege, int settings) {
    boolean setUserId = privilege == Privilege.SET_USER_ID;
    List<String> calls = new ArrayList<>();
    if (setUserId) {
      calls.addAll(List.of("getuid", "setresuid"));
    }
    calls.addAll(List.of("getcwd", "statx", "faccessat", "statx"));
    calls.addAll(List.of("statx", "statfs", "chdir", "statx", "statfs"));
    if (setUserId) {
      calls.add("setresuid");
    }
    calls.add("chroot");
    if ((settings & 4) != 0) {
      calls.addAll(List.of("prctl", "prctl"));
    }
    if (setUserId) {
      calls.addAll(List.of("getgid", "setresgid", "getuid", "setresuid"));
    }
    calls.addAll(List.of("chdir", "statx", "faccessat"));
    calls.addAll(List.of("getuid", "prlimit64", "getppid", "prlimit64"));
    if ((settings & 1) != 0) {
      calls.add("personality");
    }
    if ((settings & 8) != 0) {
      calls.add("prctl");
    }
    if ((settings & 4) != 0) {
      calls.add("capset");
    }
    if ((settings & 2) != 0) {
      calls.addAll(List.of("prlimit64", "prlimit64"));
    }
    calls.add("execve");
    return calls;
  }

  @ParameterizedTest
  @MethodSource("plans")
  void calls_ofAnyPlan_areThoseOfTheTableInItsOrder(
      Privilege privilege, DirectoryPolicy policy, int settings) throws Exception {
    Path launcher = image.write("l", plan(privilege, policy, settings));
    List<String> made = calls(launcher, image.work(), 42);
    assertThat(made).isEqualTo(expected(privilege, settings));
    assertInTable(made, launcher);
  }

  @ParameterizedTest
  @EnumSource
  void calls_whenSomethingIsMissing_areThoseOfTheTableInItsOrder(DirectoryPolicy policy)
      throws Exception {
    image.set("HOME", "/bin");
    Path outside = Files.createDirectory(image.folder().resolve("outside"));
    Launchers shell =
        image
            .plain()
            .policy(policy)
            .program(new LaunchedProgram.Shell(List.of(), ImagePath.of("/bin/none")));
    Path launcher = image.write("l", shell);
    boolean another = policy == DirectoryPolicy.HOME || policy == DirectoryPolicy.ROOT;
    List<String> made = calls(launcher, outside, another ? 127 : 125);
    assertThat(made).endsWith("writev", "exit_group").startsWith("getcwd", "statx", "faccessat");
    assertInTable(made, launcher);
    Path command = image.write("c", image.plain().policy(policy).command("/bin/none"));
    List<String> refused = calls(command, outside, 125);
    assertThat(refused).endsWith("chroot", "chdir", "chdir", "writev", "exit_group");
    assertInTable(refused, command);
  }

  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void calls_whenAProofFails_areThoseOfTheTableInItsOrder(Privilege privilege) throws Exception {
    Kernel kernel = LinuxKernel.running();
    Launchers mounts = image.plain().here(kernel, "/bin", "/work");
    if (privilege == Privilege.SET_USER_ID) {
      mounts = mounts.setUserId();
    }
    Path unmounted = image.write("m", mounts);
    List<String> made = calls(unmounted, image.work(), 125);
    assertThat(made).endsWith("statx", "writev", "exit_group").contains("chroot");
    assertInTable(made, unmounted);
    LaunchProof proof = mounts.plan().proof();
    LaunchProof elsewhere = new LaunchProof(proof.tree(), proof.tree(), List.of());
    Path refusing = image.arm("r", mounts.proof(elsewhere));
    List<String> before = calls(refusing, image.work(), 125);
    assertThat(before).endsWith("writev", "exit_group").doesNotContain("chdir", "chroot");
    assertInTable(before, refusing);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "(ENTRY|ROOTLESS).*")
  void calls_ofALauncherThatMounts_areThoseOfTheTableInItsOrder(LauncherForm form)
      throws Exception {
    Files.createDirectory(image.root().resolve("data"));
    Launchers plan =
        form.of(
            image.plain().command("/bin/exit42"),
            Launchers.bind("/proc:/data:ro"),
            Launchers.bind(image.work() + ":" + image.work()));
    Path launcher = image.write("l", plan);
    List<String> made = calls(launcher, image.work(), 42);
    List<String> mount =
        List.of("open_tree", "mount_setattr", "openat2", "move_mount", "close", "close");
    List<String> expected = new ArrayList<>();
    if (form.isSetUserId()) {
      expected.addAll(List.of("getuid", "setresuid"));
    }
    expected.addAll(List.of("getcwd", "statx", "faccessat", "statx"));
    if (form != LauncherForm.ROOTLESS) {
      expected.addAll(List.of("statx", "statfs"));
    }
    expected.addAll(List.of("chdir", "statx", "statfs"));
    if (form == LauncherForm.ROOTLESS) {
      expected.addAll(List.of("geteuid", "getegid", "unshare"));
      for (int file = 0; file < 3; file++) {
        expected.addAll(List.of("openat", "write", "close"));
      }
      expected.add("unshare");
    } else {
      if (form.isSetUserId()) {
        expected.add("setresuid");
      }
      expected.addAll(List.of("unshare", "mount"));
      if (form.isSetUserId()) {
        expected.addAll(List.of("getgid", "setfsgid", "getuid", "setfsuid"));
      }
    }
    expected.addAll(mount);
    expected.addAll(mount);
    expected.add("chroot");
    if (form.isSetUserId()) {
      expected.addAll(List.of("getgid", "setresgid", "getuid", "setresuid"));
    }
    expected.addAll(List.of("chdir", "statx"));
    if (form != LauncherForm.ROOTLESS) {
      expected.addAll(List.of("getuid", "prlimit64", "getppid", "prlimit64"));
    }
    expected.add("execve");
    assertThat(made).isEqualTo(expected);
    assertInTable(made, launcher);
  }

  /** The kernel lets root's strace trace a launcher without taking its privilege. */
  private List<String> calls(Path launcher, Path directory, int status) throws IOException {
    Path trace = image.folder().resolve("trace");
    LauncherImage.Outcome outcome =
        image.run(
            List.of(
                "bash",
                "-c",
                "ulimit -s 8192; strace -u nobody -o \"$0\" \"$1\"; exit",
                trace.toString(),
                launcher.toString()),
            directory);
    assertThat(outcome.status()).as(outcome.err()).isEqualTo(status);
    List<String> calls = new ArrayList<>();
    for (String line : Files.readAllLines(trace)) {
      Matcher call = CALL.matcher(line);
      if (call.matches()) {
        calls.add(call.group(1));
      }
    }
    assertThat(calls.remove(0)).isEqualTo("execve");
    int executed = calls.indexOf("execve");
    return status == 42 ? calls.subList(0, executed + 1) : calls;
  }

  private static void assertInTable(List<String> made, Path launcher) throws Exception {
    List<String> table =
        LauncherFile.parse(Files.readAllBytes(launcher)).entries().stream()
            .filter(TableEntry::isSystemCall)
            .map(entry -> entry.name(Machine.current()))
            .toList();
    assertThat(table).containsSubsequence(made);
  }
}
