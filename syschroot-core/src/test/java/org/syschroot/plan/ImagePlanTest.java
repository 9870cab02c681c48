// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.caller.Caller;
import org.syschroot.caller.Environment;
import org.syschroot.caller.EnvironmentPlan;
import org.syschroot.caller.EnvironmentPlan.Change;
import org.syschroot.caller.EnvironmentPlan.Kind;
import org.syschroot.caller.ShellPrompt;
import org.syschroot.caller.Signals;
import org.syschroot.caller.WorkingDirectory;
import org.syschroot.host.HostState;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.EnvironmentChanges;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.mounting.MountSurvey;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep.ChangeDirectory.WhenDenied;

class ImagePlanTest {
  private static final HostPath ROOT = HostPath.of("/sysroot/x");
  private static final HostState HOST =
      new HostState(path -> HostFiles.Kind.DIRECTORY, MountSurvey.NOTHING_MOUNTED);

  private static Image.Builder image() {
    return Image.builder(new ImageName("x"), ROOT).mounts(MountPlan.empty());
  }

  private static SwitchRequest in(Image.Builder image) {
    return SwitchRequest.in(image.build());
  }

  private static List<OsString> all(String... texts) {
    return Arrays.stream(texts).map(OsString::of).toList();
  }

  private static Change mark() {
    return new Change(Kind.SET, EnvironmentPlan.MARKER, OsString.of("x"));
  }

  private static SymbolicStep.RunProgram run(String... command) {
    EnvironmentPlan environment = new EnvironmentPlan(true, List.of(mark()));
    return new SymbolicStep.RunProgram(
        all(command), Optional.empty(), List.of(), Optional.empty(), false, environment);
  }

  @Test
  void plan_withoutCaller_holdsASymbolForEachThingOfTheCaller() throws SwitchException {
    assertThat(in(image()).command("make", "-j4").plan(HOST).steps())
        .containsExactly(
            new KernelStep.OpenWorkingDirectory(),
            new KernelStep.OpenRoot(ROOT),
            new KernelStep.EnterRoot(ROOT),
            new SymbolicStep.EnterWorkingDirectory(
                DirectoryPolicy.SAME_OR_FAIL, false, WhenDenied.MISSING),
            new KernelStep.CompareWorkingDirectory(false),
            new SymbolicStep.KeepCallersDescriptors(),
            new SymbolicStep.RestoreCallersSignals(),
            new SymbolicStep.RestoreOpenFiles(),
            run("make", "-j4"));
  }

  @Test
  void plan_prompt_isForShellsOfImagesThatWantOneAndNotForAnEmptyEnvironment()
      throws SwitchException {
    assertThat(hasPrompt(in(image()))).isTrue();
    assertThat(hasPrompt(in(image()).command("make"))).isFalse();
    assertThat(hasPrompt(in(image().prompt(false)))).isFalse();
    assertThat(hasPrompt(in(image()).emptyEnvironment(true))).isFalse();
  }

  private static boolean hasPrompt(SwitchRequest request) throws SwitchException {
    return request
        .plan(HOST)
        .program()
        .environment()
        .of(List.of())
        .get(OsString.of(ShellPrompt.DEBIAN))
        .isPresent();
  }

  @Test
  void plan_environment_isTheChangesInTheirOrder() throws SwitchException {
    EnvironmentChanges ofImage =
        new EnvironmentChanges(
            Map.of(OsString.of("A"), OsString.of("1")), Set.of(OsString.of("B")));
    SwitchRequest request =
        in(image().environment(ofImage))
            .command("env")
            .directory("/tmp")
            .withoutVariable(OsString.of("A"))
            .variable(OsString.of("B"), OsString.of("2"));
    EnvironmentPlan plan = request.plan(HOST).program().environment();

    assertThat(plan.changes())
        .containsExactly(
            new Change(Kind.UNSET, OsString.of("B"), OsString.of("")),
            new Change(Kind.SET, OsString.of("A"), OsString.of("1")),
            new Change(Kind.REPLACE, OsString.of("PWD"), OsString.of("/tmp")),
            new Change(Kind.UNSET, OsString.of("A"), OsString.of("")),
            new Change(Kind.SET, OsString.of("B"), OsString.of("2")),
            mark());
    assertThat(plan.of(all("B=0", "PWD=/", "C")).entries())
        .isEqualTo(all("PWD=/tmp", "C", "B=2", "SYSCHROOT_IMAGE=x"));
    assertThat(request.emptyEnvironment(true).plan(HOST).program().environment().of(all("C=3")))
        .extracting(Environment::entries)
        .isEqualTo(all("B=2", "SYSCHROOT_IMAGE=x"));
  }

  @Test
  void bind_onePlanForManyCallers_isThatOfEach() throws SwitchException {
    ImagePlan plan = in(image()).command("make").plan(HOST);
    for (int soft = 64; soft < 67; soft++) {
      Caller caller =
          new Caller(
              all("PATH=/p" + soft),
              WorkingDirectory.at("/w" + soft),
              Set.of(soft),
              new Signals(soft, 0),
              OptionalLong.of(soft));

      assertThat(plan.bind(caller).steps())
          .isEqualTo(in(image()).command("make").plan(caller, HOST).steps());
      assertThat(plan.bind(caller).steps())
          .contains(
              new KernelStep.SetLimit(Limit.OPEN_FILES, soft, false),
              new KernelStep.KeepDescriptors(Set.of(soft)),
              new KernelStep.RestoreSignals(new Signals(soft, 0)))
          .last()
          .isEqualTo(
              new KernelStep.Execute(
                  List.of(
                      new KernelStep.Execute.Candidate(
                          OsString.of("/p" + soft + "/make"), all("make"))),
                  all("PATH=/p" + soft, "SYSCHROOT_IMAGE=x")));
    }
  }

  @Test
  void plan_mounts_areAllThatApply() throws SwitchException {
    MountPlan home = MountPlan.empty().plus(BindMount.of(HostPath.of("/home")));
    SwitchRequest request = in(image().mounts(home));

    ImagePlan own = request.plan(HOST);
    assertThat(own.mounts()).hasSize(1);
    assertThat(own.missingMounts()).isEmpty();
    assertThat(request.mountNamespace(MountNamespace.SHARED).plan(HOST).missingMounts())
        .isEqualTo(own.mounts());
  }

  @Test
  void planOutside_command_isThatOfTheHostWithoutTheMark() throws SwitchException {
    Caller caller =
        new Caller(
            all("SYSCHROOT_IMAGE=y", "PATH=/opt/bin"),
            WorkingDirectory.UNNAMED,
            Set.of(0),
            Signals.NONE);

    assertThat(in(image()).command("qsub").planOutside().bind(caller).steps())
        .containsExactly(
            new KernelStep.KeepDescriptors(Set.of(0)),
            new KernelStep.RestoreSignals(Signals.NONE),
            new KernelStep.Execute(
                List.of(
                    new KernelStep.Execute.Candidate(OsString.of("/opt/bin/qsub"), all("qsub"))),
                all("PATH=/opt/bin")));
  }

  private static final HostState I386 =
      new HostState(
          path -> HostFiles.Kind.DIRECTORY,
          MountSurvey.NOTHING_MOUNTED,
          List.of(),
          image -> Optional.of(Personality.of(List.of("linux32"))));

  @Test
  void isBareChroot_plainImage_isTrue() throws SwitchException {
    for (DirectoryPolicy policy :
        List.of(DirectoryPolicy.SAME_OR_FAIL, DirectoryPolicy.HOME, DirectoryPolicy.ROOT)) {
      assertThat(in(image().directoryPolicy(policy)).plan(HOST).isBareChroot()).isTrue();
      assertThat(in(image().directoryPolicy(policy)).command("a").plan(HOST).isBareChroot())
          .isTrue();
    }
  }

  static Stream<SwitchRequest> moreThanChroot() {
    EnvironmentChanges unset = new EnvironmentChanges(Map.of(), Set.of(OsString.of("A")));
    return Stream.of(
        in(image().personality(Personality.of(List.of("linux32")))),
        in(image().openFiles(1024)),
        in(image()).limit(Limit.CORE_BYTES, 0),
        in(image().environment(unset)),
        in(image().droppedCapabilities(Set.of(Capability.SYS_MODULE))),
        in(image().noNewPrivileges(true)),
        in(image().directoryPolicy(DirectoryPolicy.SAME)),
        in(image().mounts(MountPlan.empty().plus(BindMount.of(HostPath.of("/home"))))),
        in(image()).identity(new Identity(1, 1, List.of())),
        in(image()).directory("/tmp"),
        in(image()).emptyEnvironment(true),
        in(image()).variable(OsString.of("A"), OsString.of("1")));
  }

  @ParameterizedTest
  @MethodSource("moreThanChroot")
  void isBareChroot_imageThatAsksForMore_isFalse(SwitchRequest request) throws SwitchException {
    assertThat(request.plan(HOST).isBareChroot()).isFalse();
  }

  @Test
  void isBareChroot_personalityReadFromThePrograms_isFalse() throws SwitchException {
    assertThat(in(image()).plan(I386).isBareChroot()).isFalse();
  }
}
