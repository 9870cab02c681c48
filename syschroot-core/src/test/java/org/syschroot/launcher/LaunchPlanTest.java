// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.syschroot.host.HostState;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.EnvironmentChanges;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.LauncherKind;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.mounting.MountSurvey;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.Limit;
import org.syschroot.plan.MountNamespace;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.plan.UserIds;

final class LaunchPlanTest {
  private static final HostPath ROOT = HostPath.of("/sysroot/x");

  private static Image.Builder image() {
    return Image.builder(new ImageName("sl5"), ROOT);
  }

  private static final HostState HOST =
      new HostState(path -> HostFiles.Kind.DIRECTORY, MountSurvey.NOTHING_MOUNTED);

  private static LaunchPlan of(SwitchRequest request) throws IOException {
    return LaunchPlan.of(
        request.mountNamespace(MountNamespace.SHARED).plan(HOST),
        Launchers.plain("/").plan().proof(),
        Privilege.FILE_CAPABILITY);
  }

  private static SwitchRequest in(Image.Builder image) {
    return SwitchRequest.in(image.build());
  }

  @Test
  void of_everySetting_isTakenFromItsStep() throws Exception {
    EnvironmentChanges set =
        new EnvironmentChanges(Map.of(OsString.of("A"), OsString.of("b")), Set.of());
    LaunchPlan plan =
        of(
            in(
                image()
                    .directoryPolicy(DirectoryPolicy.ROOT)
                    .environment(set)
                    .personality(new Personality(8))
                    .openFiles(1024)
                    .droppedCapabilities(Set.of(Capability.SYS_RAWIO))
                    .noNewPrivileges(true)));
    assertThat(plan.image()).hasToString("sl5");
    assertThat(plan.root()).isEqualTo(ROOT);
    assertThat(plan.personality()).contains(new Personality(8));
    assertThat(plan.limits())
        .containsExactly(new KernelStep.SetLimit(Limit.OPEN_FILES, 1024, false));
    assertThat(plan.noNewPrivileges()).isTrue();
    assertThat(plan.directoryPolicy()).isEqualTo(DirectoryPolicy.ROOT);
    assertThat(plan.variables()).isEqualTo(Map.of(OsString.of("A"), OsString.of("b")));
    assertThat(plan.fileCapabilities())
        .containsExactlyInAnyOrder(Capability.SYS_CHROOT, Capability.SETPCAP);
  }

  @Test
  void of_program_isThatOfTheRequest() throws Exception {
    ImagePath zsh = ImagePath.of("/bin/zsh");
    assertThat(of(in(image()).command("/bin/make")).program())
        .isEqualTo(LaunchedProgram.command(ImagePath.of("/bin/make")));
    assertThat(of(in(image())).program()).isEqualTo(LaunchedProgram.shell(Optional.empty()));
    assertThat(of(in(image().shell(zsh))).program())
        .isEqualTo(LaunchedProgram.shell(Optional.of(zsh)));
  }

  @Test
  void of_stepThatCannotBeCompiled_isRefusedByName() {
    assertRefused(in(image()).identity(new Identity(1000, 1000, List.of())), "user ");
    assertRefused(
        in(image()).directory("/tmp"), "a launcher starts in the working directory of its caller");
    assertRefused(in(image()).login(true), "the caller of a launcher chooses argv[0]");
    assertRefused(
        in(image()).programName(OsString.of("x")), "the caller of a launcher chooses argv[0]");
    assertRefused(in(image()).command("make"), "a command launcher runs one program");
    assertRefused(in(image()).command("/bin/make", "-j4"), "a command launcher runs one program");
    assertRefused(in(image()).emptyEnvironment(true), "environment");
  }

  @Test
  void of_plansWithNamespaces_areOfTheKindThatMakesThem() throws Exception {
    LaunchProof proof = Launchers.plain("/").plan().proof();
    Image.Builder settings =
        image().mounts(MountPlan.empty().plus(BindMount.of(HostPath.of("/home"))));
    LaunchPlan entry =
        LaunchPlan.of(
            in(settings).mountNamespace(MountNamespace.PRIVATE).plan(HOST),
            proof,
            Privilege.FILE_CAPABILITY);
    assertThat(entry.kind()).isEqualTo(LauncherKind.ENTRY);
    assertThat(entry.namespaces().mounts()).hasSize(1);
    assertThat(entry.fileCapabilities())
        .containsExactlyInAnyOrder(Capability.SYS_CHROOT, Capability.SYS_ADMIN);
    LaunchPlan rootless =
        LaunchPlan.of(in(settings).rootless(UserIds.KEPT).plan(HOST), proof, Privilege.NONE);
    assertThat(rootless.kind()).isEqualTo(LauncherKind.ROOTLESS);
    assertThat(rootless.fileCapabilities()).isEmpty();
    assertThat(LaunchPlan.parse(rootless.text())).isEqualTo(rootless);
    assertThat(LaunchPlan.parse(entry.text())).isEqualTo(entry);
  }

  @Test
  void of_unsetVariables_areRemoved() throws Exception {
    LaunchPlan plan = of(in(image()).withoutVariable(OsString.of("LD_PRELOAD")));
    assertThat(plan.removedVariables()).containsExactly(OsString.of("LD_PRELOAD"));
    assertThat(LaunchPlan.parse(plan.text())).isEqualTo(plan);
  }

  private static void assertRefused(SwitchRequest request, String step) {
    assertThatThrownBy(() -> of(request))
        .isInstanceOf(LauncherException.class)
        .hasMessageContaining("sl5: cannot create a launcher: " + step);
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
