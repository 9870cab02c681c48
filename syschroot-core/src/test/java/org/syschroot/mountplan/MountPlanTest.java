// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mountplan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.mountplan.HostFiles.Kind;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.testing.ImageTree;

final class MountPlanTest {
  private final FileSystem files = Jimfs.newFileSystem(Configuration.unix());

  @AfterEach
  void close() throws IOException {
    files.close();
  }

  private static MountPlan plan(String... mounts) {
    MountPlan plan = MountPlan.empty();
    for (String mount : mounts) {
      plan = plan.plus(BindMount.parse(OsString.of(mount)));
    }
    return plan;
  }

  private MountSelection select(MountPlan plan, String... tree) {
    ImageTree.of(files.getPath("/"), tree);
    return plan.on(HostFiles.of(files));
  }

  private static List<String> mounted(MountSelection selection) {
    return selection.mounts().stream().map(mount -> mount.step().target().toString()).toList();
  }

  private static List<String> skipped(MountSelection selection) {
    return selection.skipped().stream()
        .map(skipped -> ((BindMount) skipped.step()).source() + ": " + skipped.reason())
        .toList();
  }

  @Test
  void standard_usualHost_leavesOutSelinuxAndWhatComesAlong() {
    MountSelection selection =
        select(
            MountPlan.standard(), "dir dev/pts", "dir dev/shm", "dir proc", "dir sys", "dir tmp");

    assertThat(mounted(selection)).containsExactly("/dev", "/proc", "/sys", "/tmp");
    assertThat(skipped(selection))
        .containsExactly(
            "/dev/pts: comes along with /dev",
            "/dev/shm: comes along with /dev",
            "/selinux: the host has no /selinux");
  }

  @Test
  void standard_hostWithSelinux_mountsIt() {
    MountSelection selection = select(MountPlan.standard(), "dir dev", "dir selinux", "dir sys");

    assertThat(mounted(selection)).containsExactly("/dev", "/sys", "/selinux");
    assertThat(skipped(selection))
        .containsExactly(
            "/dev/pts: the host has no /dev/pts",
            "/dev/shm: the host has no /dev/shm",
            "/proc: the host has no /proc",
            "/tmp: the host has no /tmp");
  }

  @Test
  void on_requiredButMissing_isMountedAllTheSame() {
    assertThat(mounted(select(plan("/nowhere", "/here:/here:optional"), "dir here")))
        .containsExactly("/nowhere", "/here");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/a | /a/b | true",
        "/a:/x | /a/b:/x/b | true",
        "/a:/x | /a/b:/x/c | false",
        "/a:/x | /b:/x/b | false",
        "/a:/a:norbind | /a/b | false",
        "/a:/a:ro | /a/b | false",
        "/a:/a:ro | /a/b:/a/b:ro | true",
        "/a | /a/b:/a/b:ro | false",
        "/a | /a/b:/a/b:private | false",
        "/a | /a/b:/a/b:optional | true",
        "/a | /a/b:/a/b:norbind | true",
      })
  void on_mountBeneathAnother_comesAlongIfItWouldLookTheSame(
      String first, String second, boolean along) {
    MountSelection selection = select(plan(first, second), "dir a/b", "dir b");

    assertThat(selection.skipped()).hasSize(along ? 1 : 0);
    assertThat(selection.mounts()).hasSize(along ? 1 : 2);
  }

  @Test
  void on_mountHiddenInBetween_doesNotComeAlong() {
    MountSelection selection = select(plan("/a", "/b:/a/b", "/a/b/c"), "dir a/b/c", "dir b");

    assertThat(mounted(selection)).containsExactly("/a", "/a/b", "/a/b/c");
  }

  @Test
  void on_tmpfsInBetween_doesNotComeAlong() {
    MountPlan hidden = plan("/a").plus(new TmpfsMount(ImagePath.of("/a/b"), OsString.of("")));
    MountSelection selection =
        select(hidden.plus(BindMount.parse(OsString.of("/a/b/c"))), "dir a/b/c");

    assertThat(mounted(selection)).containsExactly("/a", "/a/b", "/a/b/c");
  }

  @Test
  void on_filesAndTmpfs_tellTheKindOfMountPoint() {
    MountPlan plan =
        plan("/etc/hosts", "/run/log:/run/log:file", "/home")
            .plus(new TmpfsMount(ImagePath.of("/scratch"), OsString.of("size=1m")));
    MountSelection selection = select(plan, "file etc/hosts x", "dir home");

    assertThat(selection.mounts())
        .extracting(MountSelection.Mount::ofDirectory)
        .containsExactly(false, false, true, true);
  }

  @Test
  void plus_sameStep_isThereOnce() {
    assertThat(plan("/a", "/b", "/a").steps()).hasSize(2);
    assertThat(plan("/a", "/a::optional")).isEqualTo(plan("/a"));
    assertThat(plan("/a").plus(plan("/b"))).isEqualTo(plan("/a", "/b"));
    assertThat(plan("/a", "/b")).hasSameHashCodeAs(plan("/a", "/b")).hasToString("[/a, /b]");
  }

  @Test
  void plus_secondSourceForATarget_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan("/a:/t", "/b:/t"))
        .withMessage("two mounts for /t: \"/a:/t\" and \"/b:/t\": remove one of them");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan("/a", "/a::ro"))
        .withMessage("two mounts for /a: \"/a\" and \"/a:/a:ro\": remove one of them");
  }

  @Test
  void plus_stepThatHidesAnEarlierOne_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan("/home/alice", "/home2", "/home"))
        .withMessage(
            "\"/home\" would hide \"/home/alice\", which is mounted before it: put \"/home\" first");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> plan("/dev").plus(new TmpfsMount(ImagePath.ROOT, OsString.of("mode=755"))))
        .withMessageStartingWith("\"tmpfs on / (mode=755)\" would hide \"/dev\"");
  }

  @Test
  void of_fileSystem_followsLinks() {
    ImageTree.of(
        files.getPath("/"), "file f x", "dir d", "symlink lf f", "symlink ld d", "symlink no gone");
    HostFiles host = HostFiles.of(files);

    assertThat(host.kind(HostPath.of("/f"))).isEqualTo(Kind.FILE);
    assertThat(host.kind(HostPath.of("/lf"))).isEqualTo(Kind.FILE);
    assertThat(host.kind(HostPath.of("/ld"))).isEqualTo(Kind.DIRECTORY);
    assertThat(host.kind(HostPath.of("/no"))).isEqualTo(Kind.MISSING);
  }
}
