// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.caller.Caller;
import org.syschroot.caller.Signals;
import org.syschroot.caller.WorkingDirectory;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.Image;
import org.syschroot.image.Origin;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.ResourceLimit;
import org.syschroot.path.OsString;
import org.syschroot.plan.Limit;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchException.Kind;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.testing.RecordingKernel;
import org.syschroot.testing.RecordingKernel.Executed;

final class InPlaceSwitchTest {
  private static final List<String> EVERYTHING =
      List.of(
          "unshare(flags=CLONE_NEWNS)",
          "mount(source=null, target=/, flags=MS_REC|MS_SLAVE)",
          "openat(path=., flags=O_PATH)",
          "openat(path=/, flags=O_DIRECTORY|O_PATH)",
          "statx(fd=4)",
          "openat(directory=4, path=sysroot, flags=O_NOFOLLOW|O_PATH)",
          "statx(fd=5)",
          "openat(directory=5, path=x, flags=O_NOFOLLOW|O_PATH)",
          "statx(fd=6)",
          "statx(fd=6)",
          "close(fd=4)",
          "close(fd=5)",
          "openat2(directory=6, path=/home, flags=O_PATH, resolve=RESOLVE_IN_ROOT)",
          "open_tree(path=/home, flags=OPEN_TREE_CLONE)",
          "move_mount(from=5, to=4)",
          "close(fd=5)",
          "close(fd=4)",
          "fchdir(fd=6)",
          "chroot(path=.)",
          "chdir(path=/work)",
          "personality(persona=0x8)",
          "prctl(PR_CAPBSET_DROP, 16)",
          "prctl(PR_CAPBSET_DROP, 17)",
          "setgroups(groups=[100, 27])",
          "setresgid(gid=100)",
          "setresuid(uid=1001)",
          "statx(fd=3)",
          "statx(fd=AT_FDCWD)",
          "prctl(PR_SET_NO_NEW_PRIVS)",
          "close_range(first=3, last=6, CLOSE_RANGE_CLOEXEC)",
          "close_range(first=8, last=2147483647, CLOSE_RANGE_CLOEXEC)",
          "rt_sigaction(signal=13, SIG_IGN)",
          "rt_sigprocmask(SIG_SETMASK, 0x2)",
          "openat(path=/bin/true, flags=O_PATH)",
          "faccessat2(fd=4, mode=1)",
          "statx(fd=4)",
          "close(fd=4)",
          "openat(path=/bin/true, flags=O_NONBLOCK)",
          "read(fd=4)",
          "close(fd=4)",
          "prlimit64(resource=7)",
          "prlimit64(resource=7, soft=4096, hard=4096)",
          "execve(path=/bin/true)");

  private final Switches listener = new Switches();

  private Executed executed(SwitchPlan plan, RecordingKernel kernel) {
    Throwable end = catchThrowable(() -> listener.carryOut(plan, kernel));
    assertThat(end).isInstanceOf(Executed.class);
    return (Executed) end;
  }

  private SwitchException failed(SwitchPlan plan, RecordingKernel kernel) {
    Throwable end = catchThrowable(() -> listener.carryOut(plan, kernel));
    assertThat(end).isInstanceOf(SwitchException.class);
    return (SwitchException) end;
  }

  @Test
  void run_fullPlan_makesTheCallsInTheOrderOfTheSteps() throws SwitchException {
    RecordingKernel kernel = Switches.host();
    SwitchPlan plan = Switches.everything();
    Executed end = executed(plan, kernel);

    assertThat(kernel.journal()).isEqualTo(EVERYTHING);
    assertThat(listener.steps).isEqualTo(plan.steps());
    assertThat(end.path()).hasToString("/bin/true");
    assertThat(end.arguments()).containsExactly(OsString.of("/bin/true"));
    assertThat(end.environment())
        .extracting(OsString::toString)
        .containsExactly("PATH=/usr/bin:/bin", "HOME=/h", "SYSCHROOT_IMAGE=x");
    assertThat(end.descriptors()).containsExactly(0, 1, 2, 7);
    assertThat(kernel.root()).hasToString("/sysroot/x");
    assertThat(kernel.currentDirectory()).hasToString("/sysroot/x/work");
    assertThat(kernel.mountTable()).containsExactly("/", "/home", "/proc", "/sysroot/x/home");
    assertThat(kernel.hostMountTable()).containsExactly("/", "/home", "/proc");
    assertThat(listener.notices).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"ENOSYS", "EINVAL"})
  void run_kernelWithoutCloseRange_keepsOurDescriptorsFromTheCommandAllTheSame(Errno errno)
      throws SwitchException {
    RecordingKernel kernel = Switches.host().failAlways("close_range", errno);

    assertThat(executed(Switches.everything(), kernel).descriptors()).containsExactly(0, 1, 2, 7);
  }

  @Test
  void run_shortestPlan_touchesNeitherMountsNorIdentity() throws SwitchException {
    RecordingKernel kernel = Switches.host();
    executed(Switches.plan(Switches.run(Switches.image(), "/bin/true")), kernel);

    assertThat(kernel.successfulCalls())
        .doesNotContain(
            "unshare", "mount", "setgroups", "setresuid", "personality", "prctl", "prlimit64");
  }

  /** Which failed calls may be passed over, and why is said where they are made. */
  private static boolean isTolerated(String call, int k, Errno errno) {
    boolean closing = call.startsWith("close(fd=") && k <= EVERYTHING.indexOf("fchdir(fd=6)");
    boolean unknownCapability = call.startsWith("prctl(PR_CAPBSET_DROP") && errno == Errno.EINVAL;
    return closing || unknownCapability;
  }

  @ParameterizedTest
  @EnumSource(names = {"EPERM", "ENOENT", "EACCES", "EINVAL", "EBADF", "EIO", "ENOSYS", "EINTR"})
  void run_failureAtAnyCall_neverSkipsAStepSilently(Errno errno) throws SwitchException {
    for (int k = 1; k <= EVERYTHING.size(); k++) {
      String call = EVERYTHING.get(k - 1);
      if (call.startsWith("close_range") && (errno == Errno.ENOSYS || errno == Errno.EINVAL)) {
        continue; // an older kernel: run_kernelWithoutCloseRange_...
      }
      if (call.equals("openat(path=., flags=O_PATH)") && errno == Errno.EACCES) {
        continue; // a filesystem that root may not search: run_directoryThatCannotBeLookedAt_...
      }
      RecordingKernel kernel = Switches.host().failOnCall(k, errno);
      Throwable end = catchThrowable(() -> new Switches().carryOut(Switches.everything(), kernel));
      String shown = "call " + k + ", " + call + ": " + errno;

      assertThat(kernel.hostMountTable()).as(shown).containsExactly("/", "/home", "/proc");
      if (end instanceof Executed) {
        checkNothingSkipped(kernel.journal(), k, errno, shown);
      } else {
        assertThat(end).as(shown).isInstanceOf(SwitchException.class).hasMessageStartingWith("x: ");
        assertThat(end.getMessage()).as(shown).containsAnyOf(errno.name(), errno.text());
        assertThat(((SwitchException) end).kernelFailure()).as(shown).isPresent();
        assertThat(((SwitchException) end).step()).as(shown).isPresent();
        assertThat(kernel.successfulCalls()).as(shown).doesNotContain("execve");
      }
    }
  }

  private static void checkNothingSkipped(List<String> journal, int k, Errno errno, String shown) {
    int looking = EVERYTHING.indexOf("openat(path=/bin/true, flags=O_PATH)");
    int limiting = EVERYTHING.indexOf("prlimit64(resource=7)");
    if (k - 1 > looking && k - 1 < limiting) {
      // What a look at the program does not tell, execve(2) does.
      assertThat(journal)
          .as(shown)
          .startsWith(EVERYTHING.subList(0, looking).toArray(String[]::new))
          .endsWith(EVERYTHING.subList(limiting, EVERYTHING.size()).toArray(String[]::new));
      return;
    }
    String call = EVERYTHING.get(k - 1).replace(" = -1 EBADF", "");
    List<String> expected = new ArrayList<>(EVERYTHING);
    expected.set(k - 1, call + " = -1 " + errno.name());
    if (call.startsWith("chdir") && errno == Errno.EACCES) {
      // Root may not enter it, so the user tries.
      expected.add(expected.indexOf("setresuid(uid=1001)") + 1, "chdir(path=/work)");
    } else {
      assertThat(isTolerated(call, k, errno)).as(shown).isTrue();
    }
    assertThat(journal).as(shown).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"setgroups", "setresgid", "setresuid"})
  void run_identityNotTaken_neverReachesExecve(String call) throws SwitchException {
    RecordingKernel kernel = Switches.host().failOn(call, 1, Errno.EAGAIN);
    SwitchException failure = failed(Switches.everything(), kernel);

    assertThat(failure)
        .hasMessageStartingWith("x: cannot become uid=1001 gid=100 groups=100,27: " + call + "(")
        .hasMessageEndingWith("): EAGAIN (Resource temporarily unavailable)");
    assertThat(failure.kind()).isEqualTo(Kind.FAILED);
    assertThat(kernel.journal().get(kernel.journal().size() - 1)).startsWith(call + "(");
    assertThat(kernel.journal()).noneMatch(line -> line.startsWith("execve"));
  }

  @Test
  void run_withoutPrivilege_saysWhatToDo() throws SwitchException {
    RecordingKernel kernel = Switches.host().failOn("unshare", 1, Errno.EPERM);

    assertThat(failed(Switches.everything(), kernel))
        .hasMessage(
            "x: cannot create a private mount namespace: unshare(flags=CLONE_NEWNS): EPERM"
                + " (Operation not permitted); hint: only root can use \"run\"; ordinary users"
                + " need a launcher, which root creates with: syschroot link IMAGE --into DIR");
  }

  @Test
  void run_rootIsNoMountPoint_saysWhatToDo() throws SwitchException {
    RecordingKernel kernel = Switches.host().failOn("mount", 1, Errno.EINVAL);

    assertThat(failed(Switches.everything(), kernel))
        .hasMessage(
            "x: cannot create a private mount namespace: mount(source=null, target=/,"
                + " flags=MS_REC|MS_SLAVE): EINVAL (Invalid argument); hint: this process is in a"
                + " chroot whose root directory is not a mount point; before you enter the"
                + " chroot: mount --bind DIR DIR");
  }

  @Test
  void run_unsafeRoot_isRefusedBeforeAnythingIsMounted() throws SwitchException {
    RecordingKernel kernel = Switches.host().mode("/sysroot/x", 0775);
    SwitchException failure = failed(Switches.everything(), kernel);

    assertThat(failure)
        .hasMessage(
            "x: unsafe root directory: /sysroot/x is writable by users other than root (mode 0775):"
                + " chmod go-w /sysroot/x");
    assertThat(failure.kind().exitStatus()).isEqualTo(125);
    assertThat(kernel.mountTable()).containsExactly("/", "/home", "/proc");
  }

  @Test
  void run_mountFails_namesTheMount() throws SwitchException {
    RecordingKernel kernel = Switches.host().withoutNewMountApi();

    assertThat(failed(Switches.everything(), kernel))
        .hasMessage(
            "x: cannot mount /home: open_tree(path=/home, flags=OPEN_TREE_CLONE): ENOSYS (Function"
                + " not implemented)");
  }

  @Test
  void run_openFilesAboveTheHardLimit_areCutToIt() throws SwitchException {
    RecordingKernel kernel =
        Switches.host().limit(ResourceLimit.NOFILE, new ResourceLimit(1024, -1));
    executed(Switches.plan(Switches.run(Switches.image().openFiles(512), "/bin/true")), kernel);

    assertThat(kernel.journal())
        .contains("prlimit64(resource=7, soft=512, hard=18446744073709551615)");
  }

  private static SwitchPlan inPolicy(DirectoryPolicy policy, String... command)
      throws SwitchException {
    return Switches.plan(Switches.run(Switches.image(policy), command));
  }

  private static RecordingKernel withoutWork() {
    return Switches.host().missing("/sysroot/x/work");
  }

  private static final String MISSING =
      "x: cannot enter /work in the image: No such file or directory\n"
          + "hint: add \"/work\" to mounts in the image's settings, or use --directory DIR";

  @ParameterizedTest
  @EnumSource
  void run_commandWhoseDirectoryIsMissing_isRefused(DirectoryPolicy policy) throws SwitchException {
    SwitchException failure = failed(inPolicy(policy, "/bin/true"), withoutWork());

    assertThat(failure).hasMessage(MISSING);
    assertThat(failure.kind().exitStatus()).isEqualTo(125);
    assertThat(listener.notices).isEmpty();
  }

  @Test
  void run_directoryMissingInAnImageOfFiles_namesTheFile() throws SwitchException {
    Image.Builder image = Switches.image();
    Origin own = new Origin("/e/images.d/x.toml", 1, 1);
    for (Map<String, Origin> origins :
        List.of(
            Map.of("root", own), Map.of("root", own, "mounts", new Origin("/e/all.toml", 1, 1)))) {
      String file = origins.getOrDefault("mounts", own).file();
      SwitchPlan plan = Switches.plan(Switches.run(image.origins(origins), "/bin/true"));

      assertThat(failed(plan, withoutWork()).hint())
          .contains("add \"/work\" to mounts in " + file + ", or use --directory DIR");
    }
  }

  @Test
  void run_directoryIsAFile_isNotToldToMountIt() throws SwitchException {
    RecordingKernel kernel = Switches.host().file("/sysroot/x/work", "");

    assertThat(failed(inPolicy(DirectoryPolicy.SAME_OR_FAIL, "/bin/true"), kernel))
        .hasMessage(
            "x: cannot enter /work in the image: Not a directory\nhint: use --directory DIR");
  }

  @Test
  void run_directoryAndHomeMissing_tellsOfTheFirst() throws SwitchException {
    RecordingKernel kernel = withoutWork().file("/sysroot/x/h", "not a directory");

    assertThat(failed(inPolicy(DirectoryPolicy.HOME), kernel)).hasMessage(MISSING);
  }

  @ParameterizedTest
  @EnumSource(names = {"HOME", "ROOT"})
  void run_shellWhoseDirectoryIsMissing_goesElsewhereAndSaysSo(DirectoryPolicy policy)
      throws SwitchException {
    RecordingKernel kernel = withoutWork().program("/sysroot/x/bin/sh");
    executed(inPolicy(policy), kernel);
    String other = policy == DirectoryPolicy.HOME ? "/h" : "/";

    assertThat(listener.notices)
        .containsExactly(
            "x: cannot enter /work in the image: No such file or directory -> " + other);
    assertThat(kernel.journal())
        .containsSequence("chdir(path=/work) = -1 ENOENT", "chdir(path=" + other + ")");
  }

  @Test
  void run_directoryIsTheCallers_nothingIsSaid() throws SwitchException {
    RecordingKernel kernel = Switches.host();
    executed(inPolicy(DirectoryPolicy.SAME, "/bin/true"), kernel);

    assertThat(listener.notices).isEmpty();
  }

  @Test
  void run_directoryIsAnotherOneToWrite_isTold() throws SwitchException {
    RecordingKernel kernel = Switches.hostWithOtherWork();
    executed(inPolicy(DirectoryPolicy.SAME_OR_FAIL, "/bin/true"), kernel);

    assertThat(listener.notices).containsExactly("x: other /work");
  }

  @Test
  void run_directoryIsAnotherOneAndNeitherIsWritable_nothingIsSaid() throws SwitchException {
    RecordingKernel kernel = Switches.hostWithOtherWork().failAlways("faccessat2", Errno.EACCES);
    executed(inPolicy(DirectoryPolicy.SAME_OR_FAIL, "/bin/true"), kernel);

    assertThat(listener.notices).isEmpty();
    assertThat(kernel.journal())
        .contains("faccessat2(fd=3, mode=2) = -1 EACCES")
        .contains("faccessat2(fd=AT_FDCWD, mode=2) = -1 EACCES");
  }

  @ParameterizedTest
  @CsvSource({"1, EACCES", "1, ENOSYS", "1, EROFS"})
  void run_directoryIsAnotherOneAndOneIsWritable_isTold(int call, Errno errno)
      throws SwitchException {
    RecordingKernel kernel = Switches.hostWithOtherWork().failOn("faccessat2", call, errno);
    executed(inPolicy(DirectoryPolicy.SAME_OR_FAIL, "/bin/true"), kernel);

    assertThat(listener.notices).containsExactly("x: other /work");
  }

  @Test
  void run_directoryIsAnotherOneAndMustBeTheSame_isRefused() throws SwitchException {
    RecordingKernel kernel = Switches.hostWithOtherWork().failAlways("faccessat2", Errno.EACCES);
    SwitchException failure = failed(inPolicy(DirectoryPolicy.SAME, "/bin/true"), kernel);

    assertThat(failure)
        .hasMessage(
            "x: /work in the image is not /work of the host\n"
                + "hint: add \"/work\" to mounts in the image's settings, or use --directory DIR");
    assertThat(failure.kind().exitStatus()).isEqualTo(125);
  }

  /** Services and cron(8) start in it, and nobody takes one root directory for the other. */
  @ParameterizedTest
  @EnumSource
  void run_directoryIsTheRoot_isEnteredSilently(DirectoryPolicy policy) throws SwitchException {
    RecordingKernel kernel = Switches.hostWithOtherWork().currentDirectory("/");
    Caller caller = new Caller(List.of(), WorkingDirectory.at("/"), Set.of(0, 1, 2), Signals.NONE);
    executed(Switches.plan(Switches.run(Switches.image(policy), "/bin/true"), caller), kernel);

    assertThat(kernel.currentDirectory()).hasToString("/sysroot/x");
    assertThat(listener.notices).isEmpty();
  }

  @Test
  void run_limits_doNothingAfterThemButExecute() throws SwitchException {
    RecordingKernel kernel = Switches.host();
    SwitchRequest request =
        Switches.run(Switches.image(), "/bin/true")
            .limit(Limit.OPEN_FILES, 16)
            .limit(Limit.ADDRESS_SPACE_BYTES, 4096);
    executed(Switches.plan(request), kernel);

    assertThat(kernel.journal())
        .endsWith(
            "prlimit64(resource=7)",
            "prlimit64(resource=7, soft=16, hard=16)",
            "prlimit64(resource=9)",
            "prlimit64(resource=9, soft=4096, hard=4096)",
            "execve(path=/bin/true)");
  }

  @Test
  void run_missingProgram_isToldOfWithoutItsLimits() throws SwitchException {
    RecordingKernel kernel = Switches.host().failOn("openat", 5, Errno.ENOENT);
    SwitchRequest request =
        Switches.run(Switches.image(), "/no/such").limit(Limit.ADDRESS_SPACE_BYTES, 4096);

    SwitchException failure = failed(Switches.plan(request), kernel);
    assertThat(failure.kind()).isEqualTo(SwitchException.Kind.NOT_FOUND);
    assertThat(failure).hasMessageContaining("execve(path=/no/such): ENOENT");
    assertThat(kernel.journal()).noneMatch(call -> call.startsWith("prlimit64"));
  }

  @Test
  void run_limitThatIsRefused_isNamed() throws SwitchException {
    RecordingKernel kernel = Switches.host().failOn("prlimit64", 2, Errno.EPERM);
    SwitchRequest request = Switches.run(Switches.image(), "/bin/true").limit(Limit.CORE_BYTES, 0);

    SwitchException failure = failed(Switches.plan(request), kernel);
    assertThat(failure.kind()).isEqualTo(SwitchException.Kind.FAILED);
    assertThat(failure).hasMessageContaining("x: cannot limit the bytes of a core dump to 0: ");
  }

  @Test
  void run_directoryThatCannotBeLookedAt_isRefusedIfItMustBeTheSame() throws SwitchException {
    assertThat(
            failed(
                inPolicy(DirectoryPolicy.SAME, "/bin/true"),
                Switches.host().failOn("openat", 1, Errno.EACCES)))
        .hasMessageStartingWith("x: cannot compare /work in the image with the one of the host\n");
    executed(
        inPolicy(DirectoryPolicy.SAME_OR_FAIL, "/bin/true"),
        Switches.host().failOn("openat", 1, Errno.EACCES));
    assertThat(listener.notices).isEmpty();
  }

  @Test
  void run_directoryDeniedToUserToo_isLikeMissing() throws SwitchException {
    RecordingKernel kernel = Switches.host().failAlways("chdir", Errno.EACCES);

    assertThat(failed(Switches.everything(), kernel))
        .hasMessageStartingWith(
            "x: cannot enter /work in the image: Permission denied\nhint: use --directory DIR");
    assertThat(kernel.journal().indexOf("chdir(path=/work) = -1 EACCES"))
        .isLessThan(kernel.journal().lastIndexOf("chdir(path=/work) = -1 EACCES"));
  }

  @Test
  void kinds_exitStatus_isThatOfAShell() {
    assertThat(Set.of(Kind.values()))
        .extracting(Kind::exitStatus)
        .containsExactlyInAnyOrder(125, 125, 126, 127);
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> new RecordingKernel().failOnCall(0, Errno.EIO));
  }
}
