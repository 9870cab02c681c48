// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.ProcessCalls;
import org.syschroot.mounting.MountSupport;
import org.syschroot.mounting.MountSurvey;
import org.syschroot.mounting.Mounter;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.MountNamespace;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.FaultySystem;
import org.syschroot.testing.JvmState;
import org.syschroot.testing.ProcFiles;

/** What the command is given, and that the JVM stays as it was. */
@Timeout(120)
final class SwitchThreadTest {
  private static final Identity SOMEBODY = new Identity(23456, 34567, List.of(34567, 45678));
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
  private static Image everything;

  @BeforeAll
  static void makeTree() throws IOException {
    ProcFiles.assumeRootAndBusybox();
    root = BusyboxImage.tree(directory, "small");
    everything =
        BusyboxImage.settings(root)
            .personality(Personality.of(List.of("linux32")))
            .openFiles(99)
            .droppedCapabilities(Set.of(Capability.SYS_MODULE, Capability.NET_RAW))
            .noNewPrivileges(true)
            .build();
    // What is made once for all starts is no leak.
    spawn(LinuxKernel.running(), sleep(BusyboxImage.settings(root).build()))
        .start()
        .destroyForcibly()
        .onExit()
        .join();
  }

  private static Spawn spawn(Kernel kernel, SwitchRequest request) throws IOException {
    return Spawn.of(SpawnHosts.of(kernel, LinuxProcessCalls.running(), NO_MOUNTS), request)
        .redirectInput(Redirect.from(new java.io.File("/dev/null")))
        .redirectOutput(Redirect.DISCARD)
        .redirectError(Redirect.DISCARD);
  }

  private static SwitchRequest sleep(Image image) {
    return SwitchRequest.in(image).command("sleep", "600").directory("/");
  }

  private static SwitchRequest asSomebody() {
    return sleep(everything).identity(SOMEBODY).mountNamespace(MountNamespace.PRIVATE);
  }

  @Test
  void start_identityAndCapabilities_areThoseAskedFor() throws Exception {
    JvmState before = JvmState.now();
    SwitchedProcess process = spawn(LinuxKernel.running(), asSomebody()).start();
    try {
      Map<String, String> status = ProcFiles.status(process.pid());
      assertThat(status.get("Uid")).isEqualTo("23456 23456 23456 23456");
      assertThat(status.get("Gid")).isEqualTo("34567 34567 34567 34567");
      assertThat(status.get("Groups").strip()).isEqualTo("34567 45678");
      for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapAmb")) {
        assertThat(status.get(set)).as(set).isEqualTo("0000000000000000");
      }
      long bounding = Long.parseUnsignedLong(status.get("CapBnd"), 16);
      assertThat(bounding & 1L << Capability.SYS_MODULE.number()).isZero();
      assertThat(bounding & 1L << Capability.NET_RAW.number()).isZero();
      assertThat(status.get("NoNewPrivs")).isEqualTo("1");
      assertThat(Files.readString(Path.of("/proc/" + process.pid() + "/personality")).strip())
          .isEqualTo("00000008");
      assertThat(Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/root")))
          .isEqualTo(root);
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(JvmState.settledSince(before)).isEqualTo(before);
    assertThat(JvmState.usersOfThreads().values()).allMatch(line -> line.endsWith("\t0\t0\t0\t0"));
  }

  @Test
  void start_rootWithDroppedCapabilities_hasThemInNoSet() throws Exception {
    SwitchedProcess process = spawn(LinuxKernel.running(), sleep(everything)).start();
    try {
      Map<String, String> status = ProcFiles.status(process.pid());
      for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
        long bits = Long.parseUnsignedLong(status.get(set), 16);
        assertThat(bits & 1L << Capability.SYS_MODULE.number()).as(set).isZero();
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"setgroups", "setresgid", "setresuid", "dropCapability", "chroot"})
  void start_refusedStep_neverRunsTheCommand(String call) throws Exception {
    FaultySystem faulty = new FaultySystem();
    faulty.failCall(call, 1);
    Path witness = root.resolve("tmp/ran");
    SwitchRequest request =
        SwitchRequest.in(everything)
            .command("/bin/sh", "-c", "echo > /tmp/ran")
            .directory("/")
            .identity(new Identity(0, 0, List.of(0)));
    List<Long> children = JvmState.children();
    assertThatThrownBy(() -> spawn(faulty.kernel(), request).start())
        .isInstanceOf(SwitchException.class)
        .hasMessageContaining("small")
        .hasMessageContaining("EPERM");
    assertThat(faulty.failed()).isEqualTo(call);
    assertThat(JvmState.children()).isEqualTo(children);
    assertThat(witness).doesNotExist();
  }

  @Test
  void start_ownPidNamespace_killsWholeTreeAtItsEnd() throws Exception {
    SwitchRequest request =
        SwitchRequest.in(everything)
            .command("/bin/sh", "-c", "sleep 600 | sleep 601 | sleep 602; :")
            .directory("/");
    SwitchedProcess process = spawn(LinuxKernel.running(), request).ownPidNamespace(true).start();
    assertThat(ProcFiles.status(process.pid()).get("NSpid")).isEqualTo(process.pid() + " 1");
    List<ProcessHandle> tree = process.descendants().toList();
    while (tree.size() < 3) {
      Thread.onSpinWait();
      tree = process.descendants().toList();
    }
    assertThat(process.supportsNormalTermination()).isFalse();
    process.destroy();
    assertThat(process.waitFor()).isEqualTo(137);
    assertThat(tree).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void start_withoutPidfd_waitsWithThreads() throws Exception {
    ProcessCalls real = LinuxProcessCalls.running();
    ProcessCalls old =
        (ProcessCalls)
            java.lang.reflect.Proxy.newProxyInstance(
                ProcessCalls.class.getClassLoader(),
                new Class<?>[] {ProcessCalls.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("pidfdOpen")) {
                    throw new KernelException("pidfd_open", "", Errno.ENOSYS.number());
                  }
                  return method.invoke(real, arguments);
                });
    SwitchRequest request = SwitchRequest.in(everything).command("false").directory("/");
    SpawnContext host = SpawnHosts.of(LinuxKernel.running(), old, NO_MOUNTS);
    for (int i = 0; i < 20; i++) {
      assertThat(Spawn.of(host, request).start().waitFor()).isEqualTo(1);
    }
  }

  @Test
  void start_noThreadLeft_throwsAndLeavesTheJvmAsItWas() throws Exception {
    SpawnContext host =
        SpawnHosts.of(
            LinuxKernel.running(),
            LinuxProcessCalls.running(),
            NO_MOUNTS,
            thread -> {
              throw new OutOfMemoryError("unable to create native thread");
            });
    JvmState before = JvmState.now();
    assertThatThrownBy(() -> Spawn.of(host, asSomebody()).start())
        .isInstanceOf(SwitchException.class)
        .hasMessageContaining("small")
        .hasMessageContaining("EAGAIN");
    assertThat(JvmState.settledSince(before)).isEqualTo(before);
  }

  /** Starts a shell without input, which ends at once, and returns what the listener hears. */
  private static String heard(Image image) throws Exception {
    StringBuilder heard = new StringBuilder();
    Thread caller = Thread.currentThread();
    SwitchedProcess shell =
        spawn(LinuxKernel.running(), SwitchRequest.in(image))
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .listener(
                new SwitchListener() {
                  @Override
                  public void directoryReplaced(ImageName name, String reason, OsString instead) {
                    assertThat(Thread.currentThread()).isSameAs(caller);
                    heard.append(name).append(": ").append(reason).append(" -> ").append(instead);
                  }

                  @Override
                  public void otherDirectory(ImageName name, OsString where) {
                    assertThat(Thread.currentThread()).isSameAs(caller);
                    heard.append(name).append(": other ").append(where);
                  }
                })
            .start();
    shell.waitFor();
    return heard.toString();
  }

  @Test
  void start_missingDirectory_tellsTheListener() throws Exception {
    assertThat(heard(BusyboxImage.settings(root).shell(ImagePath.of("/bin/sh")).build()))
        .startsWith("small: cannot enter ")
        .endsWith(" in the image: No such file or directory -> /");
  }

  /** Finds all mounts in one state, and makes none. */
  private record AllMounts(MountStatus.State state) implements MountSupport {
    @Override
    public Mounter mounter(Kernel kernel) {
      return (where, mount) -> {};
    }

    @Override
    public MountSurvey survey(Kernel kernel) {
      return (where, selection) ->
          MountSurvey.allMissing(where, selection).stream()
              .map(one -> new MountStatus(one.target(), one.planned(), state, "it was moved", true))
              .toList();
    }
  }

  private static List<String> heardOfMounts(MountStatus.State state, MountNamespace namespace)
      throws Exception {
    Image image =
        BusyboxImage.settings(root)
            .mounts(MountPlan.empty().plus(BindMount.of(HostPath.of("/tmp"))))
            .build();
    SpawnContext host =
        SpawnHosts.of(LinuxKernel.running(), LinuxProcessCalls.running(), new AllMounts(state));
    List<String> heard = new ArrayList<>();
    Spawn.of(host, SwitchRequest.in(image).command("true").directory("/").mountNamespace(namespace))
        .listener(
            new SwitchListener() {
              @Override
              public void beforeStart(SwitchPlan plan) {
                heard.add("start");
              }

              @Override
              public void mountReplaced(ImageName name, MountStatus stale) {
                heard.add("replaced " + name + stale.target() + ": " + stale.detail());
              }

              @Override
              public void mountMissing(ImageName name, MountSelection.Mount mount) {
                heard.add("missing " + name + mount.step().target());
              }

              @Override
              public void beforeStep(KernelStep step) {
                if (step instanceof KernelStep.Execute) {
                  heard.add("execute");
                }
              }
            })
        .start()
        .waitFor();
    return heard;
  }

  @Test
  void start_mountsThatAreNotAsPlanned_tellTheListenerBeforeTheFirstStep() throws Exception {
    assertThat(heardOfMounts(MountStatus.State.STALE, MountNamespace.PRIVATE))
        .containsExactly("start", "replaced small/tmp: it was moved", "execute");
    assertThat(heardOfMounts(MountStatus.State.MISSING, MountNamespace.SHARED))
        .containsExactly("start", "missing small/tmp", "execute");
    assertThat(heardOfMounts(MountStatus.State.MOUNTED, MountNamespace.AUTOMATIC))
        .containsExactly("start", "execute");
  }

  @Test
  void start_anotherDirectoryOfTheSameName_tellsTheListenerOrThrows() throws Exception {
    Path here = Path.of("").toAbsolutePath();
    Path inside = root.resolve(here.toString().substring(1));
    Files.createDirectories(inside);
    try {
      Image.Builder image = BusyboxImage.settings(root).shell(ImagePath.of("/bin/sh"));
      assertThat(heard(image.build())).isEqualTo("small: other " + here);
      Image strict = image.directoryPolicy(DirectoryPolicy.SAME).build();
      JvmState before = JvmState.now();
      assertThatThrownBy(() -> spawn(LinuxKernel.running(), SwitchRequest.in(strict)).start())
          .isInstanceOf(SwitchException.class)
          .hasMessageStartingWith(
              "small: " + here + " in the image is not " + here + " of the host\nhint: add ");
      assertThat(JvmState.settledSince(before)).isEqualTo(before);
    } finally {
      for (Path made = inside; !made.equals(root); made = made.getParent()) {
        Files.delete(made);
      }
    }
  }

  @Test
  void start_directoryMissingUnderStrictPolicy_throwsWithStep() throws Exception {
    Image strict =
        Image.builder(everything.name(), everything.root())
            .mounts(org.syschroot.mountplan.MountPlan.empty())
            .build();
    SwitchException failure =
        catchThrowableOfType(
            SwitchException.class,
            () -> spawn(LinuxKernel.running(), SwitchRequest.in(strict).command("true")).start());
    assertThat(failure.kernelFailure().flatMap(KernelException::errno))
        .isEqualTo(Optional.of(Errno.ENOENT));
  }
}
