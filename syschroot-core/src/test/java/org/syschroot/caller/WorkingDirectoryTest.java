// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.caller;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.kernel.Errno;
import org.syschroot.path.OsString;
import org.syschroot.testing.RecordingKernel;

class WorkingDirectoryTest {
  /** A home on {@code /domus} that a symbolic link of the host leads to. */
  private static RecordingKernel host() {
    return new RecordingKernel().currentDirectory("/domus/alice").symlink("/hl", "/domus");
  }

  private static WorkingDirectory current(RecordingKernel kernel, String... environment) {
    return WorkingDirectory.current(
        kernel, List.of(environment).stream().map(OsString::of).toList());
  }

  @Test
  void current_withoutPwd_isThatOfTheKernel() {
    RecordingKernel kernel = host();

    assertThat(current(kernel, "HOME=/h")).isEqualTo(WorkingDirectory.at("/domus/alice"));
    assertThat(kernel.journal()).containsExactly("getcwd()");
  }

  @Test
  void current_pwdIsTheSame_isNotLookedAt() {
    RecordingKernel kernel = host();

    assertThat(current(kernel, "PWD=/domus/alice")).isEqualTo(WorkingDirectory.at("/domus/alice"));
    assertThat(kernel.journal()).containsExactly("getcwd()");
  }

  @Test
  void current_pwdThroughLink_isASecondPathname() {
    RecordingKernel kernel = host();

    assertThat(current(kernel, "PWD=/hl/alice"))
        .isEqualTo(WorkingDirectory.at("/domus/alice", "/hl/alice"));
    assertThat(kernel.openDescriptorsMade()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/domus/bob",
        "/hl/../domus/alice",
        "/hl/./alice",
        "/domus/alice/.",
        "hl/alice",
        "alice",
        ".",
        "",
        "/none/alice"
      })
  void current_pwdThatLies_isIgnored(String pwd) {
    RecordingKernel kernel = host().missing("/none");

    assertThat(current(kernel, "PWD=" + pwd)).isEqualTo(WorkingDirectory.at("/domus/alice"));
    assertThat(kernel.openDescriptorsMade()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"ENOENT", "ENAMETOOLONG", "ERANGE", "EACCES"})
  void current_directoryWithoutPathname_isUnnamed(Errno errno) {
    assertThat(current(host().failAlways("getcwd", errno))).isEqualTo(WorkingDirectory.UNNAMED);
  }

  @Test
  void current_outsideTheRoot_isUnnamed() throws Exception {
    RecordingKernel kernel = host();
    kernel.chroot(OsString.of("/sysroot"));

    assertThat(current(kernel)).isEqualTo(WorkingDirectory.UNNAMED);
  }

  @Test
  void current_deletedAndMadeAgain_isNotTheNewOne() {
    RecordingKernel kernel =
        host().failAlways("getcwd", Errno.ENOENT).symlink("/new", "/domus/other");

    assertThat(current(kernel, "PWD=/new")).isEqualTo(WorkingDirectory.UNNAMED);
  }
}
