// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.testing.RecordingKernel;

/**
 * Which system calls each start of a command makes for its mounts. They take a good part of the
 * time of a start, and nothing else fails when there is one more.
 */
class CallsOfStartTest {
  private static final HostPath ROOT = HostPath.of("/sysroot/x");

  private static MountSelection plan(String... mounts) {
    MountPlan plan = MountPlan.empty();
    for (String mount : mounts) {
      plan = plan.plus(BindMount.parse(OsString.of(mount)));
    }
    return plan.on(path -> HostFiles.Kind.DIRECTORY);
  }

  private static List<String> names(List<String> journal) {
    return journal.stream().map(call -> call.substring(0, call.indexOf('('))).toList();
  }

  @Test
  void mount_targetBehindNoLink_isResolvedOnceAndVerifiedOnce() throws IOException {
    RecordingKernel kernel = new RecordingKernel();
    DescriptorMounter mounter = new DescriptorMounter(kernel);
    int root = kernel.openat(Kernel.AT_FDCWD, ROOT.value(), OpenFlags.O_PATH, 0);
    mounter.mount(root, plan("/dev").mounts().get(0)); // tries what the kernel has
    int before = kernel.journal().size();

    mounter.mount(root, plan("/home").mounts().get(0));

    List<String> calls = kernel.journal().subList(before, kernel.journal().size());
    assertThat(names(calls))
        .containsExactly(
            "openat2",
            "open_tree",
            "mount_setattr",
            "statx",
            "move_mount",
            "statx",
            "openat2",
            "statx",
            "close",
            "close",
            "close");
    assertThat(calls.get(0)).contains("RESOLVE_IN_ROOT").contains("RESOLVE_NO_SYMLINKS");
  }

  @Test
  void survey_nothingMountedInImage_looksAtNoTarget() throws IOException {
    RecordingKernel kernel = new RecordingKernel().mounted("/data/sub").mounted("/sysroot/x");

    List<MountStatus> states = new LinuxMountSurvey(kernel).of(ROOT, plan("/data", "/home"));

    assertThat(states).extracting(MountStatus::state).containsOnly(MountStatus.State.MISSING);
    assertThat(states).hasSize(2);
    assertThat(names(kernel.journal())).doesNotContain("openat2");
  }

  @Test
  void survey_oneMountedInImage_findsItAndWhatIsMissing() throws IOException {
    RecordingKernel kernel = new RecordingKernel();
    int root = kernel.openat(Kernel.AT_FDCWD, ROOT.value(), OpenFlags.O_PATH, 0);
    new DescriptorMounter(kernel).mount(root, plan("/home").mounts().get(0));

    assertThat(new LinuxMountSurvey(kernel).of(ROOT, plan("/data", "/home")))
        .extracting(MountStatus::state)
        .containsExactly(MountStatus.State.MISSING, MountStatus.State.MOUNTED);
  }
}
