// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.image.Image;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.ResourceLimit;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.mounts.LinuxMountSupport;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.Limit;
import org.syschroot.plan.MountNamespace;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.FaultySystem;
import org.syschroot.testing.JvmState;
import org.syschroot.testing.PlainRules;
import org.syschroot.testing.ProcFiles;

/** Starts that fail at each point leave no process, and the JVM as it was. */
@Timeout(300)
final class SpawnFaultTest {
  /**
   * Calls without which a command starts all the same: the look at a candidate, only to say why it
   * is not there; a pidfd, in whose place a thread waits; the look at the source of a mount, which
   * is found out when it is mounted; and what looks for a tmpfs just mounted, which looks again.
   */
  private static final Set<String> DISPENSABLE =
      Set.of("getcwd", "openat", "fstat", "readlinkat", "read", "pidfdOpen", "epollAdd");

  private static final Kernel KERNEL = LinuxKernel.running();

  @TempDir static Path directory;
  private static Path root;
  private static Image image;

  @BeforeAll
  static void makeImage() throws IOException {
    ProcFiles.assumeRootAndBusybox();
    root = BusyboxImage.tree(directory, "small");
    Path home = Files.createDirectory(directory.resolve("home"));
    MountPlan mounts =
        MountPlan.empty()
            .plus(BindMount.parse(OsString.of("/proc")))
            .plus(BindMount.parse(OsString.of(home + ":/home:ro")))
            .plus(new TmpfsMount(ImagePath.of("/tmp"), OsString.of("mode=1777")));
    image =
        BusyboxImage.settings(root)
            .mounts(mounts)
            .personality(Personality.of(List.of("linux32")))
            .openFiles(99)
            .droppedCapabilities(Set.of(Capability.SYS_MODULE))
            .noNewPrivileges(true)
            .build();
  }

  private static Spawn spawn(SpawnContext host) {
    SwitchRequest request =
        SwitchRequest.in(image)
            .command("sh", "-c", "echo > /tmp/ran; exec sleep 600")
            .directory("/")
            .identity(new Identity(23456, 34567, List.of(34567, 45678)))
            .mountNamespace(MountNamespace.PRIVATE);
    return Spawn.of(host, request)
        .redirectError(Redirect.appendTo(new File("/dev/null")))
        .limit(Limit.CORE_BYTES, 0)
        .nice(1)
        .ownPidNamespace(true);
  }

  private static SpawnContext running() throws IOException {
    LinuxMountSupport mounts = new LinuxMountSupport();
    return SpawnContext.running(
        mounts.mounter(KERNEL),
        new PlainRules(KERNEL, mounts),
        (plan, reports, userNamespace) -> {
          throw new AssertionError("root has threads for that");
        });
  }

  /** What is made once for all starts, which is no leak, is made. */
  private static SpawnContext on(FaultySystem system) throws Exception {
    SpawnContext host =
        SpawnContext.of(
            system.kernel(),
            system.calls(),
            new LinuxMountSupport().mounter(system.kernel()),
            new PlainRules(system.kernel(), new LinuxMountSupport()),
            Thread::start);
    startAndEnd(host);
    return host;
  }

  private static void startAndEnd(SpawnContext host) throws Exception {
    SwitchedProcess process = spawn(host).start();
    assertThat(ProcFiles.status(process.pid()).get("Uid")).isEqualTo("23456 23456 23456 23456");
    assertThat(process.destroyForcibly().waitFor()).isEqualTo(137);
  }

  @Test
  void start_faultAtEveryCall_throwsOrRunsAndLeavesTheJvmAsItWas() throws Exception {
    FaultySystem system = new FaultySystem();
    SpawnContext host = on(system);
    Set<String> reached = new TreeSet<>();
    for (int call = 1; ; call++) {
      JvmState before = JvmState.now();
      List<Long> children = JvmState.children();
      system.failCall(call);
      SwitchException failure = failureOf(host);
      String failed = system.failed();
      system.failCall(0);
      String what = "call " + call + ", " + failed;
      assertThat(JvmState.settledSince(before)).as(what).isEqualTo(before);
      assertThat(children).as(what).containsAll(JvmState.children());
      assertThat(root.resolve("tmp/ran")).as(what).doesNotExist();
      if (failed.isEmpty()) {
        assertThat(failure).isNull();
        break;
      }
      reached.add(failed);
      if (failure == null) {
        assertThat(DISPENSABLE).contains(failed);
      } else {
        assertThat(failure).as(what).hasMessageContaining("small");
        assertThat(failure.getMessage())
            .as(what)
            .containsAnyOf(Errno.EPERM.name(), Errno.EPERM.text());
      }
    }
    assertThat(reached)
        .contains("getcwd", "pipe", "openat", "unshare", "mount", "openat2", "openTree")
        .contains("mountSetattr", "moveMount", "fchdir", "chroot", "chdir", "personality")
        .contains("dropCapability", "setgroups", "setresgid", "setfsuid", "setNoNewPrivileges")
        .contains("spawn", "getrlimit", "setNice", "pidfdOpen", "epollAdd");
  }

  /** What is open at each moment belongs to somebody who closes it. */
  @Test
  void start_outOfMemoryAtEveryCall_throwsOrRunsAndLeavesTheJvmAsItWas() throws Exception {
    FaultySystem system = new FaultySystem();
    SpawnContext host = on(system);
    Set<String> reached = new TreeSet<>();
    for (int call = 1; ; call++) {
      JvmState before = JvmState.now();
      List<Long> children = JvmState.children();
      system.runOutOfMemoryAt(call);
      boolean started = false;
      try {
        startAndEnd(host);
        started = true;
      } catch (OutOfMemoryError intended) {
        assertThat(intended).hasMessage("injected");
      }
      String failed = system.failed();
      system.failCall(0);
      String what = "call " + call + ", " + failed;
      assertThat(JvmState.settledSince(before)).as(what).isEqualTo(before);
      assertThat(children).as(what).containsAll(JvmState.children());
      assertThat(root.resolve("tmp/ran")).as(what).doesNotExist();
      if (failed.isEmpty()) {
        assertThat(started).isTrue();
        break;
      }
      reached.add(failed);
    }
    assertThat(reached)
        .contains("pipe", "openat", "unshare", "mount", "openat2", "openTree", "mountSetattr")
        .contains("fstat", "moveMount", "chroot", "spawn", "pidfdOpen", "epollAdd");
  }

  private static @Nullable SwitchException failureOf(SpawnContext host) throws Exception {
    try {
      startAndEnd(host);
      return null;
    } catch (SwitchException e) {
      return e;
    }
  }

  /** Also what Java opens by itself fails then, such as the streams at our ends of the pipes. */
  @Test
  void start_fewDescriptorsLeft_throwsOrRunsAndLeavesTheJvmAsItWas() throws Exception {
    SpawnContext host = running();
    startAndEnd(host);
    ResourceLimit limit = KERNEL.getrlimit(ResourceLimit.NOFILE);
    KERNEL.setrlimit(ResourceLimit.NOFILE, new ResourceLimit(300, limit.hard()));
    int failures = 0;
    try {
      for (int left = 0; left < 40; left++) {
        JvmState before = JvmState.now();
        List<Long> children = JvmState.children();
        Deque<Integer> fillers = fill();
        for (int i = 0; i < left; i++) {
          KERNEL.close(fillers.pop());
        }
        SwitchException failure = null;
        try {
          spawn(host).start().destroyForcibly().waitFor();
        } catch (SwitchException e) {
          failure = e;
        } finally {
          for (int filler : fillers) {
            KERNEL.close(filler);
          }
        }
        assertThat(JvmState.settledSince(before)).as(left + " left").isEqualTo(before);
        assertThat(children).as(left + " left").containsAll(JvmState.children());
        if (failure != null) {
          failures++;
          assertThat(failure).hasMessageContaining("small");
        }
      }
    } finally {
      KERNEL.setrlimit(ResourceLimit.NOFILE, limit);
    }
    assertThat(failures).isBetween(3, 39);
  }

  private static Deque<Integer> fill() throws KernelException {
    Deque<Integer> fillers = new ArrayDeque<>();
    while (true) {
      try {
        OsString nothing = OsString.of("/dev/null");
        fillers.push(KERNEL.openat(Kernel.AT_FDCWD, nothing, OpenFlags.O_RDONLY, 0));
      } catch (KernelException e) {
        assertThat(e.is(Errno.EMFILE)).isTrue();
        return fillers;
      }
    }
  }
}
