// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.ImageName;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.JvmState;
import org.syschroot.testing.ProcFiles;

/** What a command leaves when it ends, or is made to. */
@Timeout(60)
final class SwitchedProcessEndTest {
  @TempDir static Path directory;
  private static Image image;
  private static Syschroot syschroot;

  @BeforeAll
  static void makeTree() throws IOException {
    ProcFiles.assumeRootAndBusybox();
    JvmState.warmUp();
    Path root = BusyboxImage.tree(directory, "small");
    Files.createFile(root.resolve("dev/null")); // the shell's input of what it starts with "&"
    image = BusyboxImage.settings(root).build();
    syschroot = Syschroot.of(ImageCatalog.of(List.of(image)));
  }

  private static Spawn script(String script) {
    return syschroot.prepare(
        SwitchRequest.in(image).directory("/").command("/bin/sh", "-c", script));
  }

  @Test
  void waitFor_streamsNeitherReadNorClosed_leaveNoDescriptor() throws Exception {
    script(":").start().onExit().get();
    JvmState before = JvmState.now();
    List<SwitchedProcess> ended = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      ended.add(script("echo output; echo error >&2; exit " + i % 3).start());
    }
    for (SwitchedProcess process : ended) {
      process.waitFor();
    }
    assertThat(JvmState.settledSince(before)).isEqualTo(before);
    for (SwitchedProcess process : ended) {
      assertThat(text(process.getInputStream().readAllBytes())).isEqualTo("output\n");
      assertThat(text(process.getErrorStream().readAllBytes())).isEqualTo("error\n");
    }
  }

  @Test
  void read_afterEndWithGrandchildThatHasThePipe_returnsWhatWasWritten() throws Exception {
    SwitchedProcess process = script("sleep 5 & echo $!; exit 0").start();
    assertThat(process.waitFor()).isZero();
    String pid = text(process.getInputStream().readAllBytes()).strip();
    ProcessHandle grandchild = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    assertThat(grandchild.isAlive()).isTrue();
    grandchild.destroyForcibly();
  }

  @Test
  void read_begunBeforeTheEnd_returnsWithGrandchildsNextWords() throws Exception {
    SwitchedProcess process =
        script("read go; (sleep 0.3; echo late; sleep 0.3; echo later) & exit 0").start();
    CompletableFuture<String> reader =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return text(process.getInputStream().readAllBytes());
              } catch (IOException e) {
                return e.toString();
              }
            });
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
    assertThat(process.waitFor()).isZero();
    assertThat(reader.get(10, TimeUnit.SECONDS)).doesNotContain("later");
    ProcessHandle.allProcesses()
        .filter(handle -> ProcFiles.rootOf(handle.pid()).startsWith(directory))
        .forEach(ProcessHandle::destroyForcibly);
  }

  @Test
  void destroy_openStreams_closesThem() throws Exception {
    SwitchedProcess process = script("sleep 600").start();
    process.destroy();
    assertThatThrownBy(() -> process.getInputStream().read()).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> process.getErrorStream().read()).isInstanceOf(IOException.class);
    OutputStream input = process.getOutputStream();
    assertThatThrownBy(
            () -> {
              input.write(1);
              input.flush();
            })
        .isInstanceOf(IOException.class);
    assertThat(process.waitFor()).isEqualTo(143);
    assertThat(process.signal()).hasValue(15);
    assertThat(process).asString().contains("killed by signal 15");
  }

  @Test
  void write_inputFromFile_fails() throws Exception {
    SwitchedProcess process =
        script(":").redirectInput(Redirect.from(new java.io.File("/dev/null"))).start();
    assertThatThrownBy(() -> process.getOutputStream().write(1)).isInstanceOf(IOException.class);
    process.waitFor();
  }

  @Test
  void signal_exitStatusLikeThatOfASignal_isEmpty() throws Exception {
    SwitchedProcess process = script("read go; exit 143").start();
    assertThatThrownBy(process::signal).isInstanceOf(IllegalThreadStateException.class);
    assertThat(process).asString().contains("running");
    process.getOutputStream().close();
    assertThat(process.waitFor()).isEqualTo(143);
    assertThat(process.signal()).isEmpty();
    assertThat(process).asString().contains("exit status 143");
  }

  @Test
  void waitFor_nullUnit_throws() throws Exception {
    SwitchedProcess process = script(":").start();
    assertThatThrownBy(() -> process.waitFor(1, null)).isInstanceOf(NullPointerException.class);
    process.waitFor();
    assertThatThrownBy(() -> process.waitFor(1, null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void onExit_dependentThatBlocks_delaysNobody() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    SwitchedProcess first = script("read go").start();
    CompletableFuture<String> dependent =
        first
            .onExit()
            .thenApply(
                process -> {
                  try {
                    release.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  return Thread.currentThread().getName();
                });
    first.getOutputStream().close();
    try {
      // Not its onExit(): the pool for such futures may have one thread, as with the JDK's
      // processes.
      SwitchedProcess second = script("exit 2").start();
      assertThat(second.waitFor(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      release.countDown();
    }
    assertThat(dependent.get(10, TimeUnit.SECONDS)).doesNotContain("syschroot");
  }

  @Test
  void start_listenerThatThrows_leavesNoCommand() {
    // A shell may start elsewhere; it waits for input.
    Image shell =
        BusyboxImage.settings(directory.resolve("small")).shell(ImagePath.of("/bin/sh")).build();
    Spawn elsewhere =
        syschroot
            .prepare(SwitchRequest.in(shell))
            .listener(
                new SwitchListener() {
                  @Override
                  public void directoryReplaced(ImageName name, String reason, OsString directory) {
                    throw new IllegalStateException("not there");
                  }
                });
    JvmState before = JvmState.now();
    List<Long> children = JvmState.children();
    assertThatThrownBy(elsewhere::start)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("not there");
    assertThat(children).containsAll(JvmState.children());
    assertThat(JvmState.settledSince(before)).isEqualTo(before);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
