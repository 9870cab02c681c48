// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.MountContributor;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.Limit;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.ProcFiles;

/** Holds a switched process to what {@link ProcessBuilder} does with the same script. */
@Timeout(60)
final class SwitchedProcessTest {
  @TempDir static Path directory;
  private static Path root;

  private Image image;
  private Syschroot syschroot;

  @BeforeAll
  static void makeTree() {
    ProcFiles.assumeRootAndBusybox();
    root = BusyboxImage.tree(directory, "small");
  }

  @BeforeEach
  void load() throws IOException {
    image = BusyboxImage.settings(root).build();
    syschroot = Syschroot.of(ImageCatalog.of(List.of(image)));
  }

  private Spawn script(String script) {
    return syschroot.prepare(
        SwitchRequest.in(image).directory("/").command("/bin/sh", "-c", script));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "exit 0",
        "exit 3",
        "exit 255",
        "kill -TERM $$",
        "kill -KILL $$",
        "echo out; echo err >&2; exit 1",
        "cat; echo done",
        "trap 'exit 7' TERM; kill -TERM $$",
      })
  void start_script_endsLikeProcessBuilder(String script) throws Exception {
    Process expected = new ProcessBuilder("/bin/busybox", "sh", "-c", script).start();
    Process actual = script(script).start();
    for (Process process : List.of(expected, actual)) {
      try {
        process.getOutputStream().write("input\n".getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
      } catch (IOException scriptDidNotRead) {
        // Depends on who is faster.
      }
    }
    assertThat(text(actual.getInputStream().readAllBytes()))
        .isEqualTo(text(expected.getInputStream().readAllBytes()));
    assertThat(text(actual.getErrorStream().readAllBytes()))
        .isEqualTo(text(expected.getErrorStream().readAllBytes()));
    assertThat(actual.waitFor()).isEqualTo(expected.waitFor());
    assertThat(actual.exitValue()).isEqualTo(expected.exitValue());
    assertThat(actual.isAlive()).isFalse();
  }

  @Test
  void start_inImage_seesImage() throws Exception {
    SwitchedProcess process = script("cat /image; pwd; echo $SYSCHROOT_IMAGE").start();
    assertThat(text(process.getInputStream().readAllBytes())).isEqualTo("small\n/\nsmall\n");
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void toString_runningEndedOrKilled_hasTheState() throws Exception {
    SwitchedProcess ended = script("exit 3").start();
    ended.waitFor();
    assertThat(ended).hasToString("SwitchedProcess[pid=" + ended.pid() + ", exit status 3]");
    SwitchedProcess killed = script("sleep 60").start();
    assertThat(killed).hasToString("SwitchedProcess[pid=" + killed.pid() + ", running]");
    killed.destroyForcibly();
    killed.waitFor();
    assertThat(killed).hasToString("SwitchedProcess[pid=" + killed.pid() + ", killed by signal 9]");
  }

  @Test
  void exitValue_whileRunning_throws() throws Exception {
    SwitchedProcess process = script("sleep 60").start();
    assertThat(process.isAlive()).isTrue();
    assertThat(process.waitFor(1, TimeUnit.MILLISECONDS)).isFalse();
    assertThatThrownBy(process::exitValue).isInstanceOf(IllegalThreadStateException.class);
    assertThat(process.info().command()).hasValueSatisfying(path -> path.contains("busybox"));
    assertThat(process.toHandle().pid()).isEqualTo(process.pid());
    assertThat(ProcessHandle.current().children()).contains(process.toHandle());
    process.destroy();
    assertThat(process.waitFor()).isEqualTo(143);
    assertThat(process.toHandle().isAlive()).isFalse();
    assertThat(process.toHandle().onExit().get(10, TimeUnit.SECONDS).pid())
        .isEqualTo(process.pid());
    process.destroyForcibly();
  }

  @Test
  void children_ofShell_areListed() throws Exception {
    SwitchedProcess process = script("echo started; sleep 60; :").start();
    assertThat(process.getInputStream().readNBytes(8)).hasSize(8);
    List<ProcessHandle> children = process.children().toList();
    while (children.isEmpty()) { // the shell has yet to start it
      Thread.onSpinWait();
      children = process.children().toList();
    }
    assertThat(children).hasSize(1);
    assertThat(process.descendants().toList()).isEqualTo(children);
    children.get(0).destroyForcibly();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void onExit_afterDestroyForcibly_completesWithProcess() throws Exception {
    SwitchedProcess process = script("sleep 60").start();
    assertThat(process.destroyForcibly()).isSameAs(process);
    assertThat(process.onExit().get(10, TimeUnit.SECONDS)).isSameAs(process);
    assertThat(process.exitValue()).isEqualTo(137);
  }

  @Test
  void getInputStream_afterEnd_stillHasWhatWasWritten() throws Exception {
    SwitchedProcess process = script("echo one; echo two >&2").start();
    process.waitFor();
    assertThat(text(process.getInputStream().readAllBytes())).isEqualTo("one\n");
    assertThat(text(process.getErrorStream().readAllBytes())).isEqualTo("two\n");
  }

  @Test
  void redirects_filesAppendDiscardMerge_likeProcessBuilder() throws Exception {
    Path in = Files.writeString(directory.resolve("in"), "from file\n");
    Path out = Files.writeString(directory.resolve("out"), "kept\n");
    SwitchedProcess process =
        script("cat; echo err >&2")
            .redirectInput(Redirect.from(in.toFile()))
            .redirectOutput(Redirect.appendTo(out.toFile()))
            .redirectErrorStream(true)
            .start();
    assertThat(process.waitFor()).isZero();
    assertThat(Files.readString(out)).isEqualTo("kept\nfrom file\nerr\n");
    assertThat(process.getInputStream().read()).isEqualTo(-1);
    script("echo new; echo lost >&2")
        .redirectOutput(Redirect.to(out.toFile()))
        .redirectError(Redirect.DISCARD)
        .start()
        .waitFor();
    assertThat(Files.readString(out)).isEqualTo("new\n");
  }

  @Test
  void redirectOutput_toMissingDirectory_throwsAndLeavesNothing() {
    List<String> before = ProcFiles.descriptors();
    assertThatThrownBy(
            () -> script(":").redirectOutput(Redirect.to(new java.io.File("/nowhere/x"))).start())
        .isInstanceOf(SwitchException.class)
        .hasMessageContaining("small")
        .hasMessageContaining("ENOENT");
    // What an earlier command had may be closed meanwhile.
    assertThat(ProcFiles.descriptors()).isSubsetOf(before);
  }

  @Test
  void descriptors_inChild_areThoseNamed() throws Exception {
    try (java.io.RandomAccessFile file =
        new java.io.RandomAccessFile(directory.resolve("passed").toFile(), "rw")) {
      int own = ProcFiles.descriptorOf(directory.resolve("passed"));
      SwitchedProcess process =
          script("echo passed >&7; ls /proc/self/fd || echo no proc").descriptor(own, 7).start();
      process.waitFor();
      assertThat(file.length()).isEqualTo(7);
    }
    Image withProc = BusyboxImage.settings(root).build();
    SwitchedProcess sleeping =
        syschroot.prepare(SwitchRequest.in(withProc).directory("/").command("sleep", "60")).start();
    try {
      assertThat(ProcFiles.descriptors(sleeping.pid())).containsExactly("0", "1", "2");
    } finally {
      sleeping.destroyForcibly().waitFor();
    }
  }

  @Test
  void start_signals_areDefaultAndUnblocked() throws Exception {
    SwitchedProcess process = script("exec sleep 60").start();
    try {
      Map<String, String> status = ProcFiles.status(process.pid());
      assertThat(status.get("SigBlk")).isEqualTo("0000000000000000");
      assertThat(status.get("SigIgn")).isEqualTo("0000000000000000");
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void start_missingProgram_throwsNotFound() {
    assertThatThrownBy(
            () ->
                syschroot.start(SwitchRequest.in(image).directory("/").command("no-such-program")))
        .isInstanceOfSatisfying(
            SwitchException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(SwitchException.Kind.NOT_FOUND);
              assertThat(e.image()).isEqualTo(image.name());
              assertThat(e.step()).isPresent();
            });
  }

  @Test
  void start_notExecutable_throwsNotExecutable() {
    assertThatThrownBy(
            () -> syschroot.start(SwitchRequest.in(image).directory("/").command("/image")))
        .isInstanceOfSatisfying(
            SwitchException.class,
            e -> assertThat(e.kind()).isEqualTo(SwitchException.Kind.NOT_EXECUTABLE));
  }

  @Test
  void start_interruptedCaller_startsAndStaysInterrupted() throws Exception {
    Thread.currentThread().interrupt();
    SwitchedProcess process = script("exit 5").start();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(process.waitFor()).isEqualTo(5);
  }

  @Test
  void start_limitOfOpenFiles_isTheImagesAndNotOurs() throws Exception {
    String before = Files.readString(Path.of("/proc/self/limits"));
    Image limited = BusyboxImage.settings(root).openFiles(123).build();
    SwitchedProcess process =
        syschroot.start(SwitchRequest.in(limited).directory("/").command("sleep", "60"));
    try {
      assertThat(Files.readString(Path.of("/proc/" + process.pid() + "/limits")))
          .containsPattern("Max open files +123 ");
      assertThat(Files.readString(Path.of("/proc/self/limits"))).isEqualTo(before);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void start_limits_areTheCommandsSoftAndHard() throws Exception {
    String before = Files.readString(Path.of("/proc/self/limits"));
    SwitchedProcess process =
        script("exec sleep 60")
            .limit(Limit.CPU_SECONDS, 7)
            .limit(Limit.FILE_BYTES, 4096)
            .limit(Limit.CORE_BYTES, 0)
            .limit(Limit.PROCESSES, 11)
            .limit(Limit.OPEN_FILES, 33)
            .limit(Limit.ADDRESS_SPACE_BYTES, 1L << 30)
            .start();
    try {
      assertThat(Files.readString(Path.of("/proc/" + process.pid() + "/limits")))
          .containsPattern("Max cpu time +7 +7 ")
          .containsPattern("Max file size +4096 +4096 ")
          .containsPattern("Max core file size +0 +0 ")
          .containsPattern("Max processes +11 +11 ")
          .containsPattern("Max open files +33 +33 ")
          .containsPattern("Max address space +1073741824 +1073741824 ");
      assertThat(Files.readString(Path.of("/proc/self/limits"))).isEqualTo(before);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void start_limitOfAnotherUser_isSetAsThatUserOrAsOurs() throws Exception {
    SwitchRequest request =
        SwitchRequest.in(image)
            .directory("/")
            .command("sleep", "60")
            .identity(new org.syschroot.plan.Identity(20001, 20001, List.of()));
    SwitchedProcess process = syschroot.prepare(request).limit(Limit.CPU_SECONDS, 5).start();
    try {
      assertThat(Files.readString(Path.of("/proc/" + process.pid() + "/limits")))
          .containsPattern("Max cpu time +5 +5 ");
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void start_fileLargerThanItsLimit_endsTheCommand() throws Exception {
    SwitchedProcess process =
        script("read go; while echo 0123456789; do :; done > /tmp/large")
            .limit(Limit.FILE_BYTES, 1000)
            .start();
    process.getOutputStream().write('\n');
    process.getOutputStream().close();
    assertThat(process.waitFor()).isNotZero();
    assertThat(Files.size(root.resolve("tmp/large"))).isEqualTo(1000);
  }

  @Test
  void plan_siteCode_addsItsMounts() throws Exception {
    MountContributor site =
        new MountContributor() {
          @Override
          public String name() {
            return "site";
          }

          @Override
          public MountPlan contribute(Image of, HostFiles host, MountPlan plan) {
            return plan.plus(BindMount.parse(OsString.of("/usr:/mnt")));
          }
        };
    SwitchPlan plan =
        Syschroot.of(ImageCatalog.of(List.of(image)), List.of(site))
            .plan(SwitchRequest.in(image).directory("/").command("true"));
    assertThat(plan.steps())
        .filteredOn(KernelStep.Mount.class::isInstance)
        .hasSize(1)
        .first()
        .asString()
        .contains("/usr", "/mnt");
  }

  @Test
  void limit_negative_isRefused() {
    assertThatThrownBy(() -> script(":").limit(Limit.CPU_SECONDS, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1 is not a limit of seconds of processor time");
  }
}
