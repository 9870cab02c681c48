// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.ProcessCalls;
import org.syschroot.mounting.MountSupport;
import org.syschroot.mounting.MountSurvey;
import org.syschroot.mounting.Mounter;
import org.syschroot.path.OsString;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.JvmState;
import org.syschroot.testing.ProcFiles;

/** That the end of every child is learnt of, whatever fails meanwhile. */
@Timeout(120)
final class ExitDetectionTest {
  private static final MountSupport NO_MOUNTS =
      new MountSupport() {
        @Override
        public Mounter mounter(Kernel kernel) {
          return (root, mount) -> {
            throw new AssertionError("nothing to mount");
          };
        }

        @Override
        public MountSurvey survey(Kernel kernel) {
          return MountSurvey.NOTHING_MOUNTED;
        }
      };

  @TempDir static Path directory;
  private static Path root;
  private static Image image;

  @BeforeAll
  static void makeTree() throws IOException {
    ProcFiles.assumeRootAndBusybox();
    JvmState.warmUp();
    root = BusyboxImage.tree(directory, "small");
    Files.createFile(root.resolve("dev/null")); // the shell's input of what it starts with "&"
    image = BusyboxImage.settings(root).build();
  }

  private static Spawn script(SpawnContext host, String script) {
    return Spawn.of(host, SwitchRequest.in(image).directory("/").command("/bin/sh", "-c", script));
  }

  /** A look at a pipe from which somebody else takes what is there before we can. */
  @Test
  void waitFor_outputReadByTheCommandItself_delaysNobody() throws Exception {
    ProcessCalls thieving =
        (ProcessCalls)
            Proxy.newProxyInstance(
                ProcessCalls.class.getClassLoader(),
                new Class<?>[] {ProcessCalls.class},
                (proxy, called, arguments) -> {
                  Object result = called.invoke(LinuxProcessCalls.running(), arguments);
                  return called.getName().equals("available") ? (Integer) result + 1000 : result;
                });
    SpawnContext host = SpawnHosts.of(LinuxKernel.running(), thieving, NO_MOUNTS);
    SwitchedProcess thief = script(host, "echo x; sleep 600 & exit 0").start();
    try {
      assertThat(thief.waitFor(10, TimeUnit.SECONDS)).isTrue();
      SwitchedProcess other = script(host, "echo y; exit 3").start();
      assertThat(other.onExit().get(10, TimeUnit.SECONDS).exitValue()).isEqualTo(3);
      assertThat(thief.getInputStream().readAllBytes()).asString().isEqualTo("x\n");
    } finally {
      grandchildren().forEach(ProcessHandle::destroyForcibly);
    }
  }

  /** Those whose parent has ended are found by their root directory. */
  private static List<ProcessHandle> grandchildren() {
    return ProcessHandle.allProcesses()
        .filter(handle -> handle.info().commandLine().orElse("").endsWith("sleep 600"))
        .filter(handle -> handle.isAlive() && ProcFiles.rootOf(handle.pid()).equals(root))
        .toList();
  }

  /** Calls of the running system, some of which end in an error instead of being made. */
  private static ProcessCalls failing(String method, AtomicInteger times, boolean after) {
    return (ProcessCalls)
        Proxy.newProxyInstance(
            ProcessCalls.class.getClassLoader(),
            new Class<?>[] {ProcessCalls.class},
            (proxy, called, arguments) -> {
              boolean fails = called.getName().equals(method) && times.getAndDecrement() > 0;
              if (fails && !after) {
                throw new OutOfMemoryError("injected");
              }
              try {
                Object result = called.invoke(LinuxProcessCalls.running(), arguments);
                if (fails) {
                  throw new OutOfMemoryError("injected");
                }
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @ParameterizedTest
  @CsvSource({
    "reapNow, false",
    "epollWait, false",
    "epollWait, true",
    "epollRemove, false",
    "available, false",
    "setNonBlocking, false",
    "setNonBlocking, true",
    "read, false",
  })
  void start_outOfMemoryWhenItEnds_losesNeitherStatusNorOutput(String call, boolean after)
      throws Exception {
    AtomicInteger times = new AtomicInteger();
    SpawnContext host =
        SpawnHosts.of(LinuxKernel.running(), failing(call, times, after), NO_MOUNTS);
    script(host, ":").start().onExit().get(10, TimeUnit.SECONDS);
    JvmState before = JvmState.now();
    times.set(5);
    SwitchedProcess process = script(host, "echo kept; exit 7").start();
    CompletableFuture<Process> future = process.onExit();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(7);
    assertThat(future.get(10, TimeUnit.SECONDS)).isSameAs(process);
    SwitchedProcess next = script(host, "exit 3").start();
    assertThat(next.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(next.exitValue()).isEqualTo(3);
    assertThat(JvmState.settledSince(before)).isEqualTo(before);
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo("kept\n");
    assertThat(times.get()).as("injected errors left").isLessThanOrEqualTo(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pipe", "effectiveUid", "threadId", "pidfdOpen", "epollAdd"})
  void start_outOfMemory_throwsAndLeavesNoChild(String call) throws Exception {
    AtomicInteger times = new AtomicInteger();
    for (boolean after : new boolean[] {false, true}) {
      SpawnContext host =
          SpawnHosts.of(LinuxKernel.running(), failing(call, times, after), NO_MOUNTS);
      script(host, ":").start().waitFor();
      List<Long> children = JvmState.children();
      times.set(1);
      try {
        script(host, "exec sleep 600").start();
        throw new AssertionError("started without memory");
      } catch (OutOfMemoryError injected) {
        assertThat(injected).hasMessage("injected");
      }
      assertThat(children).containsAll(JvmState.children());
      assertThat(script(host, "exit 4").start().waitFor()).isEqualTo(4);
    }
  }

  @Test
  void start_waitingThreadHasDied_startsAnother() throws Exception {
    AtomicInteger dead = new AtomicInteger(2);
    ChildWatch watch =
        ChildWatch.best(
            LinuxProcessCalls.running(),
            thread -> {
              if (dead.getAndDecrement() <= 0) {
                thread.start();
              }
            });
    SwitchedProcess first = unwatched("exit 5");
    watch.add(first);
    SwitchedProcess second = unwatched("exit 6");
    watch.add(second);
    assertThat(first.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(first.exitValue()).isEqualTo(5);
    assertThat(second.waitFor()).isEqualTo(6);
    assertThat(second.onExit().get(10, TimeUnit.SECONDS)).isSameAs(second);
  }

  private static SwitchedProcess unwatched(String script) throws Exception {
    ProcessCalls calls = LinuxProcessCalls.running();
    ChildStreams streams = new ChildStreams(LinuxKernel.running(), calls);
    streams.open(Redirects.PIPES.withOutput(Redirect.DISCARD).withError(Redirect.DISCARD));
    int pid =
        LinuxKernel.running()
            .spawn(
                OsString.of("/bin/busybox"),
                List.of("sh", "-c", script).stream().map(OsString::of).toList(),
                List.of(),
                streams.descriptors(),
                0,
                0);
    streams.closeChildEnds();
    return new SwitchedProcess(pid, calls, streams, false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"objects", "output"})
  void waitFor_heapFullForAWhile_returnsForEveryCommand(String shortage) throws Exception {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx24m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                HeapShortage.class.getName(),
                root.toString(),
                shortage)
            .redirectErrorStream(true)
            .start();
    String output = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(jvm.waitFor()).as("commands lost: " + output).isZero();
  }
}
