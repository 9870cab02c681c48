// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.plan.Identity;
import org.syschroot.plan.Limit;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.Dose;
import org.syschroot.testing.JvmState;
import org.syschroot.testing.ProcFiles;

/** That what is asked for a command holds before its first instruction. */
@Timeout(300)
final class ChildWishesTest {
  private static final Identity SOMEBODY = new Identity(23456, 34567, List.of(34567, 45678));

  @TempDir static Path directory;
  private static Path root;
  private static Image image;
  private static Syschroot syschroot;

  @BeforeAll
  static void makeTree() throws IOException {
    ProcFiles.assumeRootAndBusybox();
    root = BusyboxImage.tree(directory, "small");
    Files.createFile(root.resolve("dev/null"));
    image = BusyboxImage.settings(root).build();
    syschroot = Syschroot.of(ImageCatalog.of(List.of(image)));
    script(":").ownPidNamespace(true).start().onExit().join();
  }

  private static SwitchRequest request(String script) {
    return SwitchRequest.in(image).directory("/").command("/bin/sh", "-c", script);
  }

  private static Spawn script(String script) {
    return syschroot.prepare(request(script));
  }

  private static String output(Spawn spawn) throws Exception {
    SwitchedProcess process = spawn.redirectErrorStream(true).start();
    String text =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    process.waitFor();
    return text;
  }

  /** A limit set from outside was too late for a third to a half of these. */
  @ParameterizedTest
  @ValueSource(strings = {"ulimit -n", "(ulimit -n) & wait", "exec /bin/sh -c 'ulimit -n'"})
  void limit_programThatAsksAtOnce_alwaysHasIt(String script) throws Exception {
    for (int i = 0; i < Dose.of(40, 1000); i++) {
      Spawn spawn =
          i % 2 == 0 ? script(script) : syschroot.prepare(request(script).identity(SOMEBODY));
      assertThat(output(spawn.limit(Limit.OPEN_FILES, 64))).isEqualTo("64");
    }
  }

  @Test
  void limit_higherThanOurs_isOurs() throws Exception {
    String hard = output(script("ulimit -H -n"));
    assertThat(output(script("ulimit -H -n").limit(Limit.OPEN_FILES, Long.MAX_VALUE)))
        .isEqualTo(hard);
  }

  @Test
  void start_missingProgramWithLimits_throwsNotFound() {
    assertThatThrownBy(
            () ->
                syschroot
                    .prepare(SwitchRequest.in(image).directory("/").command("no-such-program"))
                    .limit(Limit.CORE_BYTES, 0)
                    .start())
        .isInstanceOfSatisfying(
            SwitchException.class,
            e -> assertThat(e.kind()).isEqualTo(SwitchException.Kind.NOT_FOUND));
  }

  @Test
  void nice_andProcessors_areTheCommandsFromTheStart() throws Exception {
    int before = niceOf("self");
    SwitchedProcess process = script("exec sleep 600").processors(Set.of(0)).nice(7).start();
    try {
      assertThat(ProcFiles.status(process.pid()).get("Cpus_allowed_list")).isEqualTo("0");
      assertThat(niceOf("" + process.pid())).isEqualTo(7);
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(niceOf("self")).isEqualTo(before);
    assertThatThrownBy(() -> script(":").nice(20)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> script(":").processors(Set.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Returns the 19th field of proc_pid_stat(5); the second ends with a parenthesis. */
  private static int niceOf(String process) throws IOException {
    String stat = Files.readString(Path.of("/proc", process, "stat"));
    return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]);
  }

  @Test
  void controlGroup_ofAnotherUsersCommand_isEnteredBeforeTheProgram() throws Exception {
    Path hierarchy = Path.of("/sys/fs/cgroup");
    if (Files.notExists(hierarchy.resolve("cgroup.procs"))) {
      hierarchy = hierarchy.resolve("pids");
    }
    Assumptions.assumeTrue(Files.isWritable(hierarchy.resolve("cgroup.procs")), "needs cgroups");
    Path group = Files.createDirectory(hierarchy.resolve("syschroot-test-" + System.nanoTime()));
    try {
      SwitchedProcess process =
          syschroot
              .prepare(request("exec sleep 600").identity(SOMEBODY))
              .controlGroup(group)
              .start();
      assertThat(Files.readString(group.resolve("cgroup.procs")).strip())
          .isEqualTo("" + process.pid());
      process.destroyForcibly().waitFor();
      assertThatThrownBy(() -> script(":").controlGroup(directory).start())
          .isInstanceOf(SwitchException.class)
          .hasMessageContaining("cgroup.procs");
    } finally {
      Files.delete(group);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void ownPidNamespace_proc_showsItAlone(boolean asSomebody) throws Exception {
    String mounts = Files.readString(Path.of("/proc/self/mountinfo"));
    SwitchRequest request =
        request(
            "echo $$; /bin/busybox readlink /proc/self; cat /proc/$$/cmdline | head -c 7; id -u;"
                + " echo /proc/[0-9]*");
    Spawn spawn = syschroot.prepare(asSomebody ? request.identity(SOMEBODY) : request);
    String[] lines = output(spawn.ownPidNamespace(true)).split("\n");
    assertThat(lines[0]).isEqualTo("1");
    assertThat(lines[1]).isNotEqualTo("1").matches("[0-9]");
    assertThat(String.join("\n", lines)).contains("/bin/sh").contains("/proc/1");
    assertThat(lines[lines.length - 1]).doesNotContain("/proc/" + ProcessHandle.current().pid());
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).isEqualTo(mounts);
  }

  @Test
  void ownPidNamespace_identity_isTheUsersInEverySet() throws Exception {
    JvmState before = JvmState.now();
    SwitchedProcess process =
        syschroot
            .prepare(request("exec sleep 600").identity(SOMEBODY))
            .ownPidNamespace(true)
            .start();
    try {
      assertThat(ProcFiles.status(process.pid()).get("Uid")).isEqualTo("23456 23456 23456 23456");
      assertThat(ProcFiles.status(process.pid()).get("Gid")).isEqualTo("34567 34567 34567 34567");
      assertThat(ProcFiles.status(process.pid()).get("Groups").strip()).isEqualTo("34567 45678");
      for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapAmb")) {
        assertThat(ProcFiles.status(process.pid()).get(set)).isEqualTo("0000000000000000");
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(JvmState.settledSince(before)).isEqualTo(before);
  }

  /** What root may look up and the user may not is found to be so as without a pid namespace. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void start_programThatTheUserMayNotExecute_throws(boolean ownPidNamespace) throws Exception {
    Path program = root.resolve("bin/secret");
    Files.copy(root.resolve("bin/busybox"), program);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    try {
      SwitchRequest request =
          SwitchRequest.in(image).directory("/").command("/bin/secret").identity(SOMEBODY);
      assertThatThrownBy(() -> syschroot.prepare(request).ownPidNamespace(ownPidNamespace).start())
          .isInstanceOfSatisfying(
              SwitchException.class,
              e -> assertThat(e.kind()).isEqualTo(SwitchException.Kind.NOT_EXECUTABLE));
    } finally {
      Files.delete(program);
    }
  }

  @Test
  void ownPidNamespace_imageWithoutProc_starts() throws Exception {
    Path proc = root.resolve("proc");
    Files.delete(proc);
    try {
      assertThat(output(script("echo $$").ownPidNamespace(true))).isEqualTo("1");
    } finally {
      Files.createDirectory(proc);
    }
  }
}
