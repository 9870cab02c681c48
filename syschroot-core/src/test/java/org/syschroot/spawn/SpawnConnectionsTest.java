// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.plan.Identity;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.JvmState;
import org.syschroot.testing.ProcFiles;

/** What a command can be connected with, besides pipes and redirects of the JDK. */
@Timeout(60)
final class SpawnConnectionsTest {
  @TempDir static Path directory;
  private static Image image;
  private static Syschroot syschroot;

  @BeforeAll
  static void makeTree() throws IOException {
    ProcFiles.assumeRootAndBusybox();
    JvmState.warmUp();
    image = BusyboxImage.settings(BusyboxImage.tree(directory, "small")).build();
    syschroot = Syschroot.of(ImageCatalog.of(List.of(image)));
    script(":").start().onExit().join();
  }

  private static Spawn script(String script) {
    return syschroot.prepare(
        SwitchRequest.in(image).directory(Path.of("/")).command(List.of("/bin/sh", "-c", script)));
  }

  private static String output(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void startPipeline_threeCommands_areConnected() throws Exception {
    JvmState before = JvmState.now();
    List<SwitchedProcess> processes =
        Spawn.startPipeline(
            List.of(
                script("cat; echo b"),
                script("grep b; exit 3"),
                script("while read x; do echo [$x]; done")));
    processes.get(0).getOutputStream().write("a\nbb\n".getBytes(StandardCharsets.UTF_8));
    processes.get(0).getOutputStream().close();
    assertThat(output(processes.get(2))).isEqualTo("[bb]\n[b]\n");
    assertThat(processes.get(1).waitFor()).isEqualTo(3);
    assertThat(processes.get(0).waitFor()).isZero();
    assertThat(processes.get(2).waitFor()).isZero();
    assertThat(JvmState.settledSince(before)).isEqualTo(before);
  }

  @Test
  void startPipeline_readerThatEnds_endsTheWriter() throws Exception {
    List<SwitchedProcess> processes =
        Spawn.startPipeline(List.of(script("while echo y; do :; done"), script("read one")));
    assertThat(processes.get(1).waitFor()).isZero();
    assertThat(processes.get(0).waitFor()).isNotZero();
  }

  @Test
  void startPipeline_secondCannotStart_killsTheFirst() {
    List<Long> children = JvmState.children();
    Spawn missing = syschroot.prepare(SwitchRequest.in(image).directory("/").command("none"));
    assertThatThrownBy(() -> Spawn.startPipeline(List.of(script("sleep 600"), missing)))
        .isInstanceOf(SwitchException.class);
    while (!children.containsAll(JvmState.children())) {
      Thread.onSpinWait(); // until it is reaped; the timeout of the test is the deadline
    }
  }

  @Test
  void startPipeline_redirectedBetween_throws() {
    assertThatThrownBy(
            () ->
                Spawn.startPipeline(
                    List.of(script(":").redirectOutput(new File("/dev/null")), script(":"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("command 0");
  }

  @Test
  void redirectInput_runningProcess_readsWhatItWrites() throws Exception {
    JvmState before = JvmState.now();
    SwitchedProcess producer = script("cat; echo b").start();
    SwitchedProcess reader =
        script("while read x; do echo [$x]; done").redirectInput(producer).start();
    producer.getOutputStream().write("a\n".getBytes(StandardCharsets.UTF_8));
    producer.getOutputStream().close();
    assertThat(output(reader)).isEqualTo("[a]\n[b]\n");
    assertThat(producer.getInputStream().read()).isNegative();
    assertThat(producer.waitFor()).isZero();
    assertThat(reader.waitFor()).isZero();
    assertThat(JvmState.settledSince(before)).isEqualTo(before);
  }

  @Test
  void redirectInput_endedProcess_readsWhatItHasWritten() throws Exception {
    JvmState before = JvmState.now();
    SwitchedProcess producer = script("echo first; busybox seq 9999").start();
    assertThat(producer.waitFor()).isZero();
    producer.onExit().join();
    SwitchedProcess reader =
        script("read x; echo $x; busybox wc -l").redirectInput(producer).start();
    assertThat(output(reader).replace(" ", "")).isEqualTo("first\n9999\n");
    assertThat(reader.waitFor()).isZero();
    assertThat(JvmState.settledSince(before)).isEqualTo(before);
  }

  @Test
  void redirectInput_readerThatEnds_endsTheWriter() throws Exception {
    SwitchedProcess producer = script("while echo y; do :; done").start();
    assertThat(script("read one").redirectInput(producer).start().waitFor()).isZero();
    assertThat(producer.waitFor()).isNotZero();
  }

  @Test
  void redirectInput_startThatFails_leavesTheOutputToThisJvm() throws Exception {
    SwitchedProcess producer = script("read x; echo a").start();
    Spawn missing = syschroot.prepare(SwitchRequest.in(image).directory("/").command("none"));
    assertThatThrownBy(() -> missing.redirectInput(producer).start())
        .isInstanceOf(SwitchException.class)
        .hasMessageContaining("none");
    producer.getOutputStream().write('\n');
    producer.getOutputStream().close();
    assertThat(output(producer)).isEqualTo("a\n");
  }

  @Test
  void redirectInput_outputThatSomebodyHas_throws() throws Exception {
    JvmState before = JvmState.now();
    SwitchedProcess read = script("echo ab").start();
    assertThat(read.getInputStream().read()).isEqualTo('a');
    assertThatThrownBy(() -> script("cat").redirectInput(read).start())
        .isInstanceOf(SwitchException.class)
        .hasMessageContaining("read by somebody else");
    assertThat(output(read)).isEqualTo("b\n");

    SwitchedProcess given = script("echo ab").start();
    Spawn reader = script("cat").redirectInput(given);
    assertThat(output(reader.start())).isEqualTo("ab\n");
    assertThatThrownBy(reader::start)
        .isInstanceOf(SwitchException.class)
        .hasMessageContaining("read by somebody else");

    SwitchedProcess elsewhere = script("echo a").redirectOutput(new File("/dev/null")).start();
    assertThatThrownBy(() -> script("cat").redirectInput(elsewhere))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("redirected");
    SwitchedProcess closed = script("sleep 600").start();
    closed.getInputStream().close();
    assertThatThrownBy(() -> script("cat").redirectInput(closed).start())
        .isInstanceOf(SwitchException.class)
        .hasMessageContaining("closed");
    closed.destroyForcibly().waitFor();
    assertThat(JvmState.settledSince(before)).isEqualTo(before);
  }

  @Test
  void redirect_filesAndDescriptors_areUsed() throws Exception {
    File in = Files.writeString(directory.resolve("in"), "input").toFile();
    File out = directory.resolve("out").toFile();
    File err = directory.resolve("err").toFile();
    script("cat; echo error >&2")
        .redirectInput(in)
        .redirectOutput(out)
        .redirectError(err)
        .start()
        .waitFor();
    assertThat(out).hasContent("input");
    assertThat(err).hasContent("error");
    try (RandomAccessFile file = new RandomAccessFile(out, "rw");
        RandomAccessFile source = new RandomAccessFile(in, "r")) {
      file.setLength(0);
      int own = ProcFiles.descriptorOf(out.toPath());
      script("cat; echo e >&2")
          .redirectInput(ProcFiles.descriptorOf(in.toPath()))
          .redirectOutput(own)
          .redirectError(own)
          .start()
          .waitFor();
      assertThat(file.length()).isEqualTo(7);
      assertThat(source.getFilePointer()).isEqualTo(5);
    }
    assertThatThrownBy(() -> script(":").redirectOutput(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void variable_andIdentityOfAName_areTheCommands() throws Exception {
    assertThat(Identity.of("root").uid()).isZero();
    assertThatThrownBy(() -> Identity.of("no-such-user-here"))
        .isInstanceOf(java.util.NoSuchElementException.class)
        .hasMessageContaining("no-such-user-here");
    SwitchRequest request =
        SwitchRequest.in(image)
            .directory("/")
            .command("/bin/sh", "-c", "echo $A ${HOME-none}; id -u")
            .variable("A", "1")
            .withoutVariable("HOME")
            .identity(Identity.of("nobody"));
    String text = output(syschroot.start(request));
    assertThat(text).isEqualTo("1 none\n" + Identity.of("nobody").uid() + "\n");
  }

  @Test
  void start_whileRecording_isAnEventOfTheFlightRecorder() throws Exception {
    Path file = directory.resolve("start.jfr");
    SwitchedProcess process;
    try (Recording recording = new Recording()) {
      recording.enable("org.syschroot.ProcessStart");
      recording.start();
      process = script("exit 0").start();
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(file);
    assertThat(events).hasSize(1);
    assertThat(events.get(0).getLong("pid")).isEqualTo(process.pid());
    assertThat(events.get(0).getString("image")).isEqualTo("small");
    assertThat(events.get(0).getString("command")).isEqualTo("/bin/sh -c exit 0");
  }
}
