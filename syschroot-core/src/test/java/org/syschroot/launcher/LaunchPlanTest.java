// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.EnvironmentChanges;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchPlan;

final class LaunchPlanTest {
  private static final HostPath ROOT = HostPath.of("/sysroot/x");
  private static final LaunchedProgram SH = LaunchedProgram.command(ImagePath.of("/bin/sh"));

  private static Image.Builder image() {
    return Image.builder(new ImageName("sl5"), ROOT);
  }

  private static LaunchPlan of(Image image, KernelStep... steps) throws LauncherException {
    SwitchPlan plan = new SwitchPlan(image, List.of(steps), List.of(), List.of(), List.of());
    return LaunchPlan.of(plan, Launchers.plain("/").plan().proof(), SH, Privilege.FILE_CAPABILITY);
  }

  @Test
  void of_stepsThatCanBeCompiled_takesTheirSettings() throws Exception {
    LaunchPlan plan =
        of(
            image()
                .directoryPolicy(DirectoryPolicy.ROOT)
                .environment(
                    new EnvironmentChanges(Map.of(OsString.of("A"), OsString.of("b")), Set.of()))
                .build(),
            new KernelStep.OpenRoot(ROOT),
            new KernelStep.EnterRoot(ROOT),
            new KernelStep.SetPersonality(new Personality(8)),
            new KernelStep.LimitOpenFiles(1024),
            new KernelStep.DropCapabilities(Set.of(Capability.SYS_RAWIO)),
            new KernelStep.NoNewPrivileges(),
            new KernelStep.KeepDescriptors(Set.of(0, 1, 2)));
    assertThat(plan.personality()).contains(new Personality(8));
    assertThat(plan.openFiles()).hasValue(1024);
    assertThat(plan.noNewPrivileges()).isTrue();
    assertThat(plan.directoryPolicy()).isEqualTo(DirectoryPolicy.ROOT);
    assertThat(plan.variables()).hasSize(1);
    assertThat(plan.fileCapabilities())
        .containsExactlyInAnyOrder(Capability.SYS_CHROOT, Capability.SETPCAP);
  }

  @Test
  void of_stepThatCannotBeCompiled_isRefusedByName() {
    assertThatThrownBy(() -> of(image().build(), new KernelStep.EnterMountNamespace()))
        .isInstanceOf(LauncherException.class)
        .hasMessageContaining("sl5", "EnterMountNamespace", "syschroot mount sl5");
    KernelStep identity = new KernelStep.SetIdentity(new Identity(1000, 1000, List.of()));
    assertThatThrownBy(() -> of(image().build(), identity))
        .isInstanceOf(LauncherException.class)
        .hasMessageContaining("SetIdentity");
    Image unsetting =
        image()
            .environment(new EnvironmentChanges(Map.of(), Set.of(OsString.of("LD_PRELOAD"))))
            .build();
    assertThatThrownBy(() -> of(unsetting))
        .isInstanceOf(LauncherException.class)
        .hasMessageContaining("environment.unset");
  }

  @Test
  void parse_notCanonical_isRefused() {
    String text = Launchers.full("/sysroot/x").plan().text();
    for (String changed :
        List.of(
            text + "\n",
            text.replace("image sl5", "image ../x"),
            text.replace("root /", "root "),
            text.replace("image sl5\n", ""),
            text.replace("no-new-privileges", "new-privileges"),
            "")) {
      assertThatThrownBy(() -> LaunchPlan.parse(changed)).isInstanceOf(LauncherException.class);
    }
  }
}
