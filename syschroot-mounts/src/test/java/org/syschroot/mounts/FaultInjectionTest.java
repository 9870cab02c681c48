// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.syschroot.kernel.Errno;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.testing.RecordingKernel;

/** Every system call of bringing mounts up and down fails once, with every likely errno. */
class FaultInjectionTest {
  private static final List<String> TARGETS =
      List.of("/sysroot/x/data", "/sysroot/x/data/sub", "/sysroot/x/new/home", "/sysroot/x/t");
  private static final List<String> HOST = List.of("/data/sub");

  private static RecordingKernel kernel() {
    return new RecordingKernel()
        .mounted("/data/sub")
        .missing("/sysroot/x/new")
        .emptyDirectory("/run/syschroot");
  }

  private static RecordingKernel olderKernel() {
    return kernel().withoutOpenat2().withoutNewMountApi();
  }

  private static MountSelection plan() {
    return MountPlan.empty()
        .plus(BindMount.parse(OsString.of("/data:/data:ro,nosuid")))
        .plus(BindMount.parse(OsString.of("/home:/new/home")))
        .plus(new TmpfsMount(ImagePath.of("/t"), OsString.of("")))
        .on(path -> HostFiles.Kind.DIRECTORY);
  }

  private static ImageMounts open(RecordingKernel kernel) throws IOException {
    return ImageMounts.open(kernel, HostPath.of("/sysroot/x"), 0, plan());
  }

  private static void up(RecordingKernel kernel) throws IOException {
    try (ImageMounts mounts = open(kernel)) {
      mounts.up(MountListener.NONE);
    }
  }

  private static void down(RecordingKernel kernel) throws IOException {
    try (ImageMounts mounts = open(kernel)) {
      mounts.down(false, MountListener.NONE);
    }
  }

  private static List<String> allMounted() {
    return List.of("/data/sub", TARGETS.get(0), TARGETS.get(1), TARGETS.get(2), TARGETS.get(3));
  }

  @Test
  void upAndDown_noFault_everyMountAndNoDescriptorLeft() throws IOException {
    for (RecordingKernel kernel : List.of(kernel(), olderKernel())) {
      up(kernel);
      assertThat(kernel.hostMountTable()).containsExactlyElementsOf(allMounted());
      down(kernel);
      assertThat(kernel.hostMountTable()).containsExactlyElementsOf(HOST);
      assertThat(kernel.openDescriptorsMade()).isEmpty();
    }
  }

  private static boolean isUnmount(String call) {
    return call.startsWith("umount2") && !call.contains("MNT_EXPIRE");
  }

  @Test
  void down_order_isInverse() throws IOException {
    RecordingKernel kernel = kernel();
    up(kernel);
    down(kernel);
    assertThat(kernel.journal().stream().filter(FaultInjectionTest::isUnmount).toList())
        .map(line -> line.replaceAll(".*/", ""))
        .containsExactly("t)", "home)", "sub)", "data)");
  }

  @Test
  void up_thirdMountFails_undoneInReverse() throws IOException {
    RecordingKernel kernel = kernel().failOn("mount", 1, Errno.ENOSPC);
    assertThat(failure(kernel)).contains("ENOSPC");
    assertThat(kernel.hostMountTable()).containsExactlyElementsOf(HOST);
    assertThat(kernel.successfulCalls().stream().filter("umount2"::equals)).hasSize(2);
  }

  @Test
  void up_undoFails_isSuppressedInTheFirstFailure() throws IOException {
    RecordingKernel kernel =
        kernel().failOn("mount", 1, Errno.ENOSPC).failOn("umount2", 1, Errno.EIO);
    try {
      up(kernel);
      throw new AssertionError("should have failed");
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("ENOSPC");
      assertThat(e.getSuppressed()).hasSize(1);
      assertThat(e.getSuppressed()[0]).hasMessageContaining("umount2").hasMessageContaining("EIO");
    }
    assertThat(kernel.hostMountTable()).doesNotContain(TARGETS.get(0));
  }

  private static String failure(RecordingKernel kernel) {
    try {
      up(kernel);
      return "";
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Errno.class,
      names = {
        "EPERM", "ENOENT", "EIO", "EAGAIN", "ENOMEM", "EACCES", "EBUSY", "EINVAL", "EMFILE",
        "ENOSPC", "ENOSYS", "ELOOP"
      })
  void up_anyCallFails_allOrNothing(Errno errno) throws IOException {
    for (boolean older : List.of(false, true)) {
      RecordingKernel counted = older ? olderKernel() : kernel();
      up(counted);
      for (int place = 1; place <= counted.journal().size(); place++) {
        RecordingKernel kernel = (older ? olderKernel() : kernel()).failOnCall(place, errno);
        String failure = failure(kernel);
        String call = counted.journal().get(place - 1);
        assertThat(kernel.hostMountTable())
            .as("after %s of %s, call %d: %s", errno, call, place, failure)
            .containsExactlyElementsOf(failure.isEmpty() ? allMounted() : HOST);
        assertThat(kernel.openDescriptorsMade()).as("after %s of %s", errno, call).isEmpty();
        up(kernel);
        assertThat(kernel.hostMountTable()).containsExactlyElementsOf(allMounted());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Errno.class,
      names = {
        "EPERM", "ENOENT", "EIO", "ENOMEM", "EACCES", "EBUSY", "EINVAL", "EMFILE", "ENOSYS",
        "ESTALE"
      })
  void down_anyCallFails_allOrNothing(Errno errno) throws IOException {
    RecordingKernel counted = kernel();
    up(counted);
    int before = counted.journal().size();
    down(counted);
    assertThat(counted.journal().stream().filter(FaultInjectionTest::isUnmount)).hasSize(4);
    for (int place = before + 1; place <= counted.journal().size(); place++) {
      RecordingKernel kernel = kernel().failOnCall(place, errno);
      String failure = downAfterUp(kernel);
      String call = counted.journal().get(place - 1);
      assertThat(kernel.hostMountTable())
          .as("after %s of %s, call %d: %s", errno, call, place, failure)
          .containsExactlyInAnyOrderElementsOf(failure.isEmpty() ? HOST : allMounted());
      assertThat(failure).doesNotContain("no longer mounted");
      assertGoesDown(kernel);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Errno.class,
      names = {"EPERM", "EIO", "ENOMEM", "EBUSY", "EINVAL", "ENOSYS"})
  void down_anyCallFailsWhereNothingCanBePutBack_saysWhatIsMissing(Errno errno) throws IOException {
    RecordingKernel counted = olderKernel();
    up(counted);
    int before = counted.journal().size();
    down(counted);
    for (int place = before + 1; place <= counted.journal().size(); place++) {
      RecordingKernel kernel = olderKernel().failOnCall(place, errno);
      String failure = downAfterUp(kernel);
      List<String> missing = new ArrayList<>(allMounted());
      missing.removeAll(kernel.hostMountTable());
      if (!failure.isEmpty() && !failure.contains("cannot be read")) {
        missing.forEach(target -> assertThat(failure).contains(target));
        assertThat(failure.contains("no longer mounted")).isEqualTo(!missing.isEmpty());
      }
      assertGoesDown(kernel);
    }
  }

  @Test
  void down_failsWhereNothingCanBePutBack_namesWhatIsGone() throws IOException {
    assertThat(downAfterUp(olderKernel().failOn("umount2", 6, Errno.EBUSY)))
        .isEqualTo(
            "cannot unmount /sysroot/x/data/sub: EBUSY (Device or resource busy); no longer"
                + " mounted: /sysroot/x/t, /sysroot/x/new/home");
  }

  private static String downAfterUp(RecordingKernel kernel) throws IOException {
    up(kernel);
    try {
      down(kernel);
      return "";
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  private static void assertGoesDown(RecordingKernel kernel) throws IOException {
    assertThat(kernel.openDescriptorsMade()).isEmpty();
    down(kernel);
    assertThat(kernel.hostMountTable()).containsExactlyElementsOf(HOST);
  }

  @Test
  void status_staleHandle_isSaidAndDoesNotHideTheOthers() throws IOException {
    Set<MountStatus.State> states = EnumSet.noneOf(MountStatus.State.class);
    for (int place = 1; place <= 40; place++) {
      RecordingKernel kernel = kernel();
      up(kernel);
      try (ImageMounts mounts = open(kernel)) {
        kernel.failOnCall(kernel.journal().size() + place, Errno.ESTALE);
        List<MountStatus> all = mounts.status();
        assertThat(all).hasSize(3);
        all.forEach(status -> states.add(status.state()));
      } catch (IOException ofTheTableOrTheRoot) {
        assertThat(ofTheTableOrTheRoot).hasMessageContaining("ESTALE");
      }
    }
    assertThat(states).containsOnly(MountStatus.State.MOUNTED, MountStatus.State.STALE);
  }
}
