// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.caller.Caller;
import org.syschroot.caller.Signals;
import org.syschroot.caller.WorkingDirectory;
import org.syschroot.host.DefaultPersonality;
import org.syschroot.host.HostState;
import org.syschroot.host.IdRanges;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.EnvironmentChanges;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.mounting.AddedMountPoint;
import org.syschroot.mounting.MountSurvey;
import org.syschroot.mounting.RootLayers;
import org.syschroot.mounting.RootSurvey;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.Layer;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.mountplan.MountStatus.State;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep.ChangeDirectory;
import org.syschroot.plan.KernelStep.ChangeDirectory.Choice;
import org.syschroot.plan.KernelStep.ChangeDirectory.WhenDenied;
import org.syschroot.plan.KernelStep.Execute;
import org.syschroot.plan.KernelStep.Execute.Candidate;
import org.syschroot.testing.OddStrings;

final class SwitchPlanTest {
  private static final HostPath ROOT = HostPath.of("/sysroot/x");
  private static final MountPlan HOME = MountPlan.empty().plus(BindMount.of(HostPath.of("/home")));
  private static final Identity BOB = new Identity(1001, 100, List.of(100, 27));
  private static final OsString MARKER = OsString.of("SYSCHROOT_IMAGE=x");
  private static final KernelStep.KeepDescriptors KEEP =
      new KernelStep.KeepDescriptors(Set.of(0, 1, 2, 7));
  private static final KernelStep.RestoreSignals SIGNALS =
      new KernelStep.RestoreSignals(new Signals(2, 4096));
  private static final KernelStep HERE = new KernelStep.OpenWorkingDirectory();
  private static final KernelStep COMPARE = new KernelStep.CompareWorkingDirectory(false);
  private static final KernelStep.OpenRoot OPEN = new KernelStep.OpenRoot(ROOT);
  private static final KernelStep.MountRoot MOUNT_ROOT =
      new KernelStep.MountRoot(HostPath.of("/sysroot/x"), RootLayers.of("x", List.of(), Set.of()));
  private static final KernelStep.EnterRoot ENTER = new KernelStep.EnterRoot(ROOT);
  private static final KernelStep.Mount MOUNT_HOME =
      new KernelStep.Mount(new MountSelection.Mount(BindMount.of(HostPath.of("/home")), true));

  private static OsString os(String text) {
    return OsString.of(text);
  }

  private static List<OsString> all(String... texts) {
    return Arrays.stream(texts).map(OsString::of).toList();
  }

  private static Image.Builder image() {
    return Image.builder(new ImageName("x"), ROOT).mounts(MountPlan.empty());
  }

  private static Caller caller(String... environment) {
    return caller(all(environment));
  }

  private static Caller caller(List<OsString> environment) {
    return new Caller(
        environment, WorkingDirectory.at("/work"), Set.of(0, 1, 2, 7), new Signals(2, 4096));
  }

  private static MountSurvey mounted(Set<HostPath> up) {
    return (root, selection) ->
        MountSurvey.allMissing(root, selection).stream()
            .map(
                status ->
                    up.contains(status.target().under(root)) ? as(status, State.MOUNTED) : status)
            .toList();
  }

  private static MountStatus as(MountStatus status, State state) {
    return new MountStatus(status.target(), status.planned(), state, "as the test says", true);
  }

  private static SwitchPlan plan(SwitchRequest request, Caller caller, String... mountPoints)
      throws SwitchException {
    Set<HostPath> up = Set.copyOf(Arrays.stream(mountPoints).map(HostPath::of).toList());
    return request.plan(caller, new HostState(path -> HostFiles.Kind.DIRECTORY, mounted(up)));
  }

  private static Execute execute(SwitchRequest request, Caller caller) throws SwitchException {
    List<KernelStep> steps = plan(request, caller).steps();
    return (Execute) steps.get(steps.size() - 1);
  }

  private static ChangeDirectory directory(String path) {
    return new ChangeDirectory(List.of(new Choice(os(path), Optional.empty())), WhenDenied.MISSING);
  }

  private static Execute run(String program, String... environment) {
    return new Execute(List.of(new Candidate(os(program), List.of(os(program)))), all(environment));
  }

  private static final Execute TRUE = run("/bin/true", "SYSCHROOT_IMAGE=x");

  private static SwitchRequest request(Image.Builder image) {
    return SwitchRequest.in(image.build()).command("/bin/true");
  }

  @Test
  void plan_nothingToMount_hasTheShortestSteps() throws SwitchException {
    SwitchPlan plan = plan(request(image()), caller());

    assertThat(plan.steps())
        .containsExactly(HERE, OPEN, ENTER, directory("/work"), COMPARE, KEEP, SIGNALS, TRUE);
    assertThat(plan.skippedMounts()).isEmpty();
    assertThat(plan.missingMounts()).isEmpty();
  }

  @Test
  void plan_automaticAndMountsMissing_mountsInItsOwnNamespace() throws SwitchException {
    assertThat(plan(request(image().mounts(HOME)), caller()).steps())
        .containsExactly(
            new KernelStep.EnterMountNamespace(),
            HERE,
            OPEN,
            MOUNT_ROOT,
            MOUNT_HOME,
            ENTER,
            directory("/work"),
            COMPARE,
            KEEP,
            SIGNALS,
            TRUE);
  }

  @Test
  void plan_automaticAndMountsUp_usesThem() throws SwitchException {
    assertThat(plan(request(image().mounts(HOME)), caller(), "/sysroot/x/home").steps())
        .containsExactly(HERE, OPEN, ENTER, directory("/work"), COMPARE, KEEP, SIGNALS, TRUE);
  }

  @Test
  void plan_privateAndMountsUp_onlyAddsWhatIsMissing() throws SwitchException {
    SwitchRequest request =
        request(image().mounts(HOME))
            .mount(BindMount.of(HostPath.of("/data")))
            .mountNamespace(MountNamespace.PRIVATE);

    assertThat(plan(request, caller(), "/sysroot/x/home").steps())
        .startsWith(
            new KernelStep.EnterMountNamespace(),
            HERE,
            OPEN,
            MOUNT_ROOT,
            new KernelStep.Mount(
                new MountSelection.Mount(BindMount.of(HostPath.of("/data")), true)),
            ENTER);
  }

  private static HostState lacking(AddedMountPoint point, MountOption... options) {
    return new HostState(
        path -> HostFiles.Kind.DIRECTORY,
        mounted(Set.of(HostPath.of("/sysroot/x/data"))),
        List.of(),
        DefaultPersonality.NONE,
        (root, mounts, untouched) -> new RootSurvey.Finding(List.of(point), Set.of(options)));
  }

  @Test
  void plan_treeLacksAMountPointAndIsReadOnly_addsItAndMountsAllAnew() throws SwitchException {
    MountPlan two = HOME.plus(BindMount.of(HostPath.of("/data")));
    AddedMountPoint home = new AddedMountPoint(ImagePath.of("/usr/home"), true);

    assertThat(
            request(image().mounts(two)).plan(caller(), lacking(home, MountOption.NOSUID)).steps())
        .startsWith(
            new KernelStep.EnterMountNamespace(),
            HERE,
            OPEN,
            new KernelStep.MountRoot(
                HostPath.of("/sysroot/x"),
                RootLayers.of("x", List.of(home), Set.of(MountOption.NOSUID))),
            MOUNT_HOME,
            new KernelStep.Mount(new MountSelection.Mount(two.steps().get(1), true)),
            ENTER);
  }

  @Test
  void plan_withALayerAndAllMountsUp_mountsAllAnewBeneathIt() throws SwitchException {
    HostState host =
        new HostState(
            path -> HostFiles.Kind.DIRECTORY, mounted(Set.of(HostPath.of("/sysroot/x/home"))));

    assertThat(request(image().mounts(HOME).layer(Layer.THROW_AWAY)).plan(caller(), host).steps())
        .startsWith(
            new KernelStep.EnterMountNamespace(),
            HERE,
            OPEN,
            new KernelStep.MountRoot(
                HostPath.of("/sysroot/x"),
                RootLayers.of("x", List.of(), Optional.of(Layer.THROW_AWAY), Set.of())),
            MOUNT_HOME,
            ENTER);
  }

  @Test
  void plan_treeOfATrustedOwner_letsNoProgramGainPrivileges() throws SwitchException {
    SwitchRequest request = request(image().trustedOwners(Set.of(65533)));

    assertThat(plan(request, caller()).steps()).contains(new KernelStep.NoNewPrivileges());
    assertThat(plan(request.mountNamespace(MountNamespace.PRIVATE), caller()).steps())
        .contains(
            new KernelStep.NoNewPrivileges(),
            new KernelStep.MountRoot(
                HostPath.of("/sysroot/x"),
                RootLayers.of("x", List.of(), Set.of(MountOption.NOSUID, MountOption.NODEV))));
  }

  @Test
  void plan_nothingToAdd_leavesTheRestrictionsToTheBind() throws SwitchException {
    HostState host =
        new HostState(
            path -> HostFiles.Kind.DIRECTORY,
            mounted(Set.of()),
            List.of(),
            DefaultPersonality.NONE,
            (root, mounts, untouched) ->
                new RootSurvey.Finding(List.of(), Set.of(MountOption.NOSUID)));

    assertThat(request(image().mounts(HOME)).plan(caller(), host).steps()).contains(MOUNT_ROOT);
  }

  @Test
  void plan_sharedAndMountsMissing_mountsNothingAndSaysSo() throws SwitchException {
    SwitchPlan plan =
        plan(request(image().mounts(HOME)).mountNamespace(MountNamespace.SHARED), caller());

    assertThat(plan.steps())
        .containsExactly(HERE, OPEN, ENTER, directory("/work"), COMPARE, KEEP, SIGNALS, TRUE);
    assertThat(plan.missingMounts()).containsExactly(MOUNT_HOME.mount());
  }

  @Test
  void plan_sharedWithAFurtherMount_isRefused() {
    SwitchRequest request =
        request(image())
            .mount(BindMount.of(HostPath.of("/data")))
            .mountNamespace(MountNamespace.SHARED);

    assertThatExceptionOfType(SwitchException.class)
        .isThrownBy(() -> plan(request, caller()))
        .withMessage("x: --bind needs a private mount namespace: remove --shared or --bind");
  }

  @ParameterizedTest
  @EnumSource(UserIds.class)
  void plan_rootless_mountsAllInItsOwnNamespacesWhateverIsUp(UserIds ids) throws SwitchException {
    SwitchRequest request = request(image().mounts(HOME)).rootless(ids);

    assertThat(plan(request, caller(), "/sysroot/x/home").steps())
        .containsExactly(
            new KernelStep.EnterUserNamespace(ids),
            new KernelStep.EnterMountNamespace(),
            HERE,
            OPEN,
            MOUNT_ROOT,
            MOUNT_HOME,
            ENTER,
            directory("/work"),
            COMPARE,
            KEEP,
            SIGNALS,
            TRUE);
  }

  @Test
  void plan_rootlessOverSomethingElse_isNotRefused() throws SwitchException {
    MountSurvey foreign =
        (root, selection) ->
            MountSurvey.allMissing(root, selection).stream()
                .map(status -> as(status, State.FOREIGN))
                .toList();
    HostState host = new HostState(path -> HostFiles.Kind.DIRECTORY, foreign);
    SwitchRequest request = request(image().mounts(HOME));

    assertThat(request.rootless(UserIds.KEPT).plan(caller(), host).steps()).contains(MOUNT_HOME);
    assertThatExceptionOfType(SwitchException.class)
        .isThrownBy(() -> request.plan(caller(), host))
        .withMessageContaining("is not the configured mount");
  }

  @Test
  void plan_sources_areLookedAtOnce() throws SwitchException {
    List<HostPath> looked = new ArrayList<>();
    HostFiles files =
        path -> {
          looked.add(path);
          return HostFiles.Kind.DIRECTORY;
        };
    HostState host = new HostState(files, MountSurvey.NOTHING_MOUNTED);

    assertThat(request(image().mounts(HOME)).plan(caller(), host).steps()).contains(MOUNT_HOME);
    assertThat(looked).containsExactly(HostPath.of("/home"));
  }

  @Test
  void plan_rootlessAndShared_usesOnlyTheMountsThatAreUp() throws SwitchException {
    SwitchRequest request =
        request(image().mounts(HOME)).rootless(UserIds.KEPT).mountNamespace(MountNamespace.SHARED);

    assertThat(plan(request, caller(), "/sysroot/x/home").steps())
        .startsWith(new KernelStep.EnterUserNamespace(UserIds.KEPT), HERE, OPEN, ENTER);
    assertThat(plan(request, caller()).missingMounts()).containsExactly(MOUNT_HOME.mount());
  }

  @Test
  void plan_asRoot_hasTheNumbersOfTheCaller() throws SwitchException {
    IdRanges ranges =
        new IdRanges(
            List.of(new IdRanges.Range(100_000, 65_536)), List.of(new IdRanges.Range(200_000, 9)));
    HostState host =
        new HostState(
            path -> HostFiles.Kind.DIRECTORY,
            MountSurvey.NOTHING_MOUNTED,
            List.of(),
            DefaultPersonality.NONE,
            RootSurvey.WRITABLE,
            false,
            () -> ranges);

    assertThat(request(image()).rootless(UserIds.AS_ROOT).plan(caller(), host).steps())
        .startsWith(new KernelStep.EnterUserNamespace(UserIds.AS_ROOT, ranges));
    assertThat(request(image()).rootless(UserIds.KEPT).plan(caller(), host).steps())
        .startsWith(new KernelStep.EnterUserNamespace(UserIds.KEPT));
  }

  @Test
  void plan_rootlessAsAnotherUser_isRefused() {
    SwitchRequest request = request(image()).identity(BOB).rootless(UserIds.AS_ROOT);

    assertThatExceptionOfType(SwitchException.class)
        .isThrownBy(() -> plan(request, caller()))
        .withMessageContaining("only root can run as another user");
  }

  @Test
  void mount_atATargetOfTheImages_takesItsPlace() throws SwitchException {
    MountPlan two = HOME.plus(BindMount.of(HostPath.of("/home/data")));
    BindMount other = BindMount.parse(os("/other:/home"));
    SwitchRequest request = request(image().mounts(two)).mount(other);

    assertThat(plan(request, caller(), "/sysroot/x/home/data").steps())
        .startsWith(
            new KernelStep.EnterMountNamespace(),
            HERE,
            OPEN,
            MOUNT_ROOT,
            new KernelStep.Mount(new MountSelection.Mount(other, true)),
            new KernelStep.Mount(new MountSelection.Mount(two.steps().get(1), true)),
            ENTER);
  }

  @Test
  void mount_whereTheImagesOwnIsUp_isMountedOverIt() throws SwitchException {
    BindMount other = BindMount.parse(os("/other:/home"));
    HostState host =
        new HostState(
            path -> HostFiles.Kind.DIRECTORY,
            (root, selection) ->
                MountSurvey.allMissing(root, selection).stream()
                    .map(status -> as(status, State.FOREIGN))
                    .toList());

    assertThat(request(image().mounts(HOME)).mount(other).plan(caller(), host).steps())
        .contains(new KernelStep.Mount(new MountSelection.Mount(other, true)));
  }

  @Test
  void mount_conflictWithAnother_isRefused() {
    SwitchRequest request = request(image()).mount(BindMount.parse(os("/home")));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> request.mount(BindMount.parse(os("/other:/home"))))
        .withMessage("two mounts for /home: \"/home\" and \"/other:/home\": remove one of them");
  }

  @Test
  void plan_withoutAMount_isInANamespaceWhereItIsTakenAway() throws SwitchException {
    SwitchRequest request = request(image().mounts(HOME)).withoutMount(ImagePath.of("/home"));

    assertThat(plan(request, caller(), "/sysroot/x/home").steps())
        .startsWith(
            new KernelStep.EnterMountNamespace(),
            HERE,
            OPEN,
            MOUNT_ROOT,
            new KernelStep.Unmount(ImagePath.of("/home")),
            ENTER);
    assertThat(plan(request, caller()).steps())
        .startsWith(new KernelStep.EnterMountNamespace(), HERE, OPEN, MOUNT_ROOT, ENTER);
  }

  @Test
  void plan_withoutAMountThatIsNone_isRefused() {
    SwitchRequest request = request(image().mounts(HOME)).withoutMount(ImagePath.of("/hom"));

    assertThatExceptionOfType(SwitchException.class)
        .isThrownBy(() -> plan(request, caller()))
        .withMessageContaining("no mount of the image has this target: /hom");
  }

  @Test
  void plan_withoutAMountThatCarriesAnother_isRefused() {
    MountPlan two = HOME.plus(BindMount.parse(os("/srv:/home/srv")));
    SwitchRequest request = request(image().mounts(two)).withoutMount(ImagePath.of("/home"));

    assertThatExceptionOfType(SwitchException.class)
        .isThrownBy(() -> plan(request, caller()))
        .withMessageContaining("/home/srv is beneath it");
  }

  @Test
  void plan_requiredSourceIsMissing_isRefusedBeforeAnyStep() {
    HostState host = new HostState(path -> HostFiles.Kind.MISSING, mounted(Set.of()));

    assertThatExceptionOfType(SwitchException.class)
        .isThrownBy(() -> request(image().mounts(HOME)).plan(caller(), host))
        .withMessage(
            "x: cannot mount /home: not found on the host: ENOENT\n"
                + "hint: correct the pathname, or add the option \"optional\"");
  }

  @Test
  void plan_everything_hasTheOrderOfTheKernelsRules() throws SwitchException {
    Image.Builder image =
        image()
            .mounts(HOME)
            .personality(new Personality(8))
            .openFiles(512)
            .droppedCapabilities(Set.of(Capability.SYS_MODULE))
            .noNewPrivileges(true);
    SwitchRequest request =
        request(image).identity(BOB).dropCapabilities(Set.of(Capability.SYS_RAWIO));
    List<Choice> choices = List.of(new Choice(os("/work"), Optional.empty()));

    assertThat(plan(request, caller()).steps())
        .containsExactly(
            new KernelStep.EnterMountNamespace(),
            HERE,
            OPEN,
            MOUNT_ROOT,
            MOUNT_HOME,
            ENTER,
            new ChangeDirectory(choices, WhenDenied.TRY_AGAIN_LATER),
            new KernelStep.SetPersonality(new Personality(8)),
            new KernelStep.DropCapabilities(Set.of(Capability.SYS_MODULE, Capability.SYS_RAWIO)),
            new KernelStep.SetIdentity(BOB),
            new ChangeDirectory(choices, WhenDenied.ONLY_IF_DENIED_BEFORE),
            COMPARE,
            new KernelStep.NoNewPrivileges(),
            KEEP,
            SIGNALS,
            new KernelStep.SetLimit(Limit.OPEN_FILES, 512, false),
            TRUE);
  }

  @Test
  void plan_limits_areTheLowestAskedForDirectlyBeforeTheProgram() throws SwitchException {
    SwitchRequest request =
        request(image().openFiles(512))
            .limit(Limit.ADDRESS_SPACE_BYTES, 1L << 40)
            .limit(Limit.CPU_SECONDS, 60)
            .limit(Limit.OPEN_FILES, 1024)
            .limit(Limit.CPU_SECONDS, 70)
            .limit(Limit.ADDRESS_SPACE_BYTES, 1L << 32);

    assertThat(plan(request, caller()).steps())
        .endsWith(
            SIGNALS,
            new KernelStep.SetLimit(Limit.CPU_SECONDS, 60, true),
            new KernelStep.SetLimit(Limit.OPEN_FILES, 1024, true),
            new KernelStep.SetLimit(Limit.ADDRESS_SPACE_BYTES, 1L << 32, true),
            TRUE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> request.limit(Limit.CORE_BYTES, -1))
        .withMessage("-1 is not a limit of the bytes of a core dump");
  }

  @Test
  void plan_requestAgainstImage_personalityIsReplacedNoNewPrivilegesIsNot() throws SwitchException {
    SwitchRequest request =
        request(image().personality(new Personality(8)).noNewPrivileges(true))
            .personality(new Personality(0))
            .noNewPrivileges(false);

    assertThat(plan(request, caller()).steps())
        .contains(
            new KernelStep.SetPersonality(new Personality(0)), new KernelStep.NoNewPrivileges())
        .doesNotContain(new KernelStep.SetPersonality(new Personality(8)));
  }

  @Test
  void plan_noPersonalitySet_isTheOneReadFromTheImage() throws SwitchException {
    Optional<Personality> linux32 = Optional.of(new Personality(8));
    HostState narrow =
        new HostState(
            path -> HostFiles.Kind.MISSING, MountSurvey.NOTHING_MOUNTED, List.of(), any -> linux32);

    assertThat(request(image()).plan(caller(), narrow).steps())
        .contains(new KernelStep.SetPersonality(new Personality(8), true));
    SwitchRequest explicit = request(image().personality(new Personality(0)));
    assertThat(explicit.plan(caller(), narrow).steps())
        .contains(new KernelStep.SetPersonality(new Personality(0)))
        .doesNotContain(new KernelStep.SetPersonality(new Personality(8), true));
    HostState wide =
        new HostState(
            path -> HostFiles.Kind.MISSING,
            MountSurvey.NOTHING_MOUNTED,
            List.of(),
            any -> Optional.empty());
    assertThat(request(image()).plan(caller(), wide).steps())
        .noneMatch(step -> step instanceof KernelStep.SetPersonality);
  }

  @Test
  void plan_imageCannotBeRead_isRefused() {
    HostState broken =
        new HostState(
            path -> HostFiles.Kind.MISSING,
            MountSurvey.NOTHING_MOUNTED,
            List.of(),
            any -> {
              throw new IOException("EIO");
            });
    assertThatExceptionOfType(SwitchException.class)
        .isThrownBy(() -> request(image()).plan(caller(), broken))
        .withMessage("x: cannot find out whether its programs are 32-bit: EIO");
  }

  /** Which arguments a program gets: image's shell, request, and what comes out. */
  @ParameterizedTest
  @CsvSource({
    // command, login, as, program, argv[0]
    "'', false, '', /bin/zsh, zsh",
    "'', true, '', /bin/zsh, -zsh",
    "'', false, sl5, /bin/zsh, sl5",
    "'', true, sl5, /bin/zsh, -sl5",
    "'', true, -su, /bin/zsh, -su",
    "/bin/ls, false, '', /bin/ls, /bin/ls",
    "/bin/ls, true, '', /bin/ls, -ls",
    "/bin/ls, false, dir, /bin/ls, dir",
    "./ls, false, '', ./ls, ./ls",
  })
  void plan_commandLoginAndName_chooseTheFirstArgument(
      String command, boolean login, String as, String program, String firstArgument)
      throws SwitchException {
    SwitchRequest request =
        SwitchRequest.in(image().shell(ImagePath.of("/bin/zsh")).build())
            .command(command.isEmpty() ? List.of() : all(command, "-l", ""))
            .login(login);
    request = as.isEmpty() ? request : request.programName(os(as));
    List<OsString> arguments =
        command.isEmpty() ? all(firstArgument) : all(firstArgument, "-l", "");

    assertThat(execute(request, caller("PATH=/b")).candidates())
        .containsExactly(new Candidate(os(program), arguments));
  }

  @ParameterizedTest
  @CsvSource({
    "SHELL=/bin/zsh, /bin/zsh /bin/sh",
    "SHELL=/bin/sh, /bin/sh",
    "SHELL=zsh, /bin/sh",
    "SHELL=, /bin/sh",
    "NOSHELL=/bin/zsh, /bin/sh",
  })
  void plan_noCommandAndNoShellOfTheImage_triesTheCallers(String variable, String programs)
      throws SwitchException {
    assertThat(execute(SwitchRequest.in(image().build()), caller(variable)).candidates())
        .extracting(candidate -> candidate.program().toString())
        .containsExactly(programs.split(" "));
  }

  @ParameterizedTest
  @CsvSource({
    "PATH=/a:/b, /a/ls /b/ls",
    "PATH=/a::/b, /a/ls ls /b/ls",
    "PATH=:/a, ls /a/ls",
    "PATH=/a:, /a/ls ls",
    "PATH=, ls",
    "PATH=., ./ls",
    "PATH=/, //ls",
    "NOPATH=/a,"
        + " /usr/local/sbin/ls /usr/local/bin/ls /usr/sbin/ls /usr/bin/ls /sbin/ls /bin/ls",
  })
  void plan_commandWithoutSlash_isLookedForAlongPath(String variable, String programs)
      throws SwitchException {
    SwitchRequest request = SwitchRequest.in(image().build()).command("ls", "-l");

    assertThat(execute(request, caller(variable)).candidates())
        .allMatch(candidate -> candidate.arguments().equals(all("ls", "-l")))
        .extracting(candidate -> candidate.program().toString())
        .containsExactly(programs.split(" "));
  }

  @Test
  void plan_pathSetForTheCommand_isTheOneSearched() throws SwitchException {
    SwitchRequest request =
        SwitchRequest.in(image().build()).command("ls").variable(os("PATH"), os("/opt"));

    assertThat(execute(request, caller("PATH=/a")).candidates())
        .extracting(candidate -> candidate.program().toString())
        .containsExactly("/opt/ls");
  }

  private static void assertEnvironment(
      UnaryOperator<SwitchRequest> wish, Image.Builder image, String[] before, String... after)
      throws SwitchException {
    assertThat(execute(wish.apply(request(image)), caller(before)).environment())
        .isEqualTo(all(after));
  }

  @Test
  void plan_oddEntries_keepPlaceAndBytes() throws SwitchException {
    String[] odd = {
      "B=2", "EMPTY=", "nothing", "A=1", "A=again", "=x", "", "BASH_FUNC_m%%=() { :; }"
    };

    assertEnvironment(
        same -> same,
        image(),
        odd,
        "B=2",
        "EMPTY=",
        "nothing",
        "A=1",
        "A=again",
        "=x",
        "",
        "BASH_FUNC_m%%=() { :; }",
        "SYSCHROOT_IMAGE=x");
  }

  @Test
  void plan_setVariable_takesThePlaceOfTheFirstAndDropsTheOthers() throws SwitchException {
    assertEnvironment(
        same -> same.variable(os("A"), os("new")).variable(os("Z"), os("")),
        image(),
        new String[] {"A=1", "B=2", "A=3", "AA=4", "A", "SYSCHROOT_IMAGE=old"},
        "A=new",
        "B=2",
        "AA=4",
        "A",
        "SYSCHROOT_IMAGE=x",
        "Z=");
  }

  @Test
  void plan_imageAndRequest_requestHasTheLastWordButNotOnTheMarker() throws SwitchException {
    EnvironmentChanges changes =
        new EnvironmentChanges(
            Map.of(os("C"), os("image")), Set.of(os("LD_PRELOAD"), os("SYSCHROOT_IMAGE")));

    assertEnvironment(
        same ->
            same.variable(os("C"), os("request"))
                .withoutVariable(os("D"))
                .variable(os("SYSCHROOT_IMAGE"), os("lie")),
        image().environment(changes),
        new String[] {"LD_PRELOAD=/x.so", "C=caller", "D=1", "E=1"},
        "C=request",
        "E=1",
        "SYSCHROOT_IMAGE=x");
  }

  @Test
  void plan_emptyEnvironment_hasOnlyWhatIsSet() throws SwitchException {
    EnvironmentChanges changes = new EnvironmentChanges(Map.of(os("C"), os("1")), Set.of());

    assertEnvironment(
        same -> same.emptyEnvironment(true).variable(os("A"), os("2")),
        image().environment(changes),
        new String[] {"A=1", "B=2"},
        "A=2",
        "SYSCHROOT_IMAGE=x");
  }

  @Test
  void plan_otherDirectory_correctsPwdIfThereIsOne() throws SwitchException {
    UnaryOperator<SwitchRequest> elsewhere = same -> same.directory(ImagePath.of("/tmp/"));

    assertEnvironment(
        elsewhere,
        image(),
        new String[] {"PWD=/work", "A=1"},
        "PWD=/tmp",
        "A=1",
        "SYSCHROOT_IMAGE=x");
    assertEnvironment(elsewhere, image(), new String[] {"A=1"}, "A=1", "SYSCHROOT_IMAGE=x");
    assertEnvironment(
        same -> same,
        image(),
        new String[] {"PWD=/link/work"},
        "PWD=/link/work",
        "SYSCHROOT_IMAGE=x");
    assertThat(plan(elsewhere.apply(request(image())), caller()).steps())
        .contains(directory("/tmp"));
  }

  @Test
  void variable_badName_isRefused() {
    String message = " is not the name of a variable: it must not be empty or contain \"=\"";

    assertThatIllegalArgumentException()
        .isThrownBy(() -> request(image()).variable(os("A=B"), os("")))
        .withMessage("\"A=B\"" + message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> request(image()).withoutVariable(os("")))
        .withMessage("\"\"" + message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EnvironmentChanges(Map.of(), Set.of(os("="))))
        .withMessage("\"=\"" + message);
    assertThatIllegalArgumentException().isThrownBy(() -> request(image()).command(""));
  }

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#ten")
  void plan_threeHundredRandomEntries_keepBytesAndOrder(SplittableRandom random)
      throws SwitchException {
    List<OsString> before = new ArrayList<>();
    while (before.size() < 300) {
      OsString entry = OddStrings.any(random, 40);
      if (!entry.startsWith(os("T=")) && !entry.startsWith(os("SYSCHROOT_IMAGE="))) {
        before.add(entry);
      }
    }
    int place = random.nextInt(before.size());
    List<OsString> with = new ArrayList<>(before);
    with.add(place, os("T=old"));
    with.add(os("T=older"));
    List<OsString> expected = new ArrayList<>(before);
    expected.add(place, os("T=new"));
    expected.add(MARKER);
    SwitchRequest request = request(image());

    assertThat(execute(request.variable(os("T"), os("new")), caller(with)).environment())
        .isEqualTo(expected);
    before.add(MARKER);
    assertThat(execute(request.withoutVariable(os("T")), caller(with)).environment())
        .isEqualTo(before);
  }

  private static Caller withoutDirectory(String... environment) {
    return new Caller(all(environment), WorkingDirectory.UNNAMED, Set.of(), Signals.NONE);
  }

  private static List<Choice> choices(SwitchRequest request, Caller caller) throws SwitchException {
    return plan(request, caller).steps().stream()
        .filter(ChangeDirectory.class::isInstance)
        .map(step -> ((ChangeDirectory) step).choices())
        .findFirst()
        .orElseThrow();
  }

  private static SwitchRequest shell(DirectoryPolicy policy) {
    return SwitchRequest.in(image().directoryPolicy(policy).build());
  }

  private static Choice own(String directory) {
    return new Choice(os(directory), Optional.empty());
  }

  @Test
  void plan_shell_isOfferedWhatThePolicySays() throws SwitchException {
    Choice first = own("/work");
    Optional<String> reason = Optional.of("cannot enter /work in the image");

    assertThat(choices(shell(DirectoryPolicy.SAME), caller("HOME=/h"))).containsExactly(first);
    assertThat(choices(shell(DirectoryPolicy.SAME_OR_FAIL), caller("HOME=/h")))
        .containsExactly(first);
    assertThat(choices(shell(DirectoryPolicy.HOME), caller("HOME=/h")))
        .containsExactly(first, new Choice(os("/h"), reason));
    assertThat(choices(shell(DirectoryPolicy.HOME), caller("HOME="))).containsExactly(first);
    assertThat(choices(shell(DirectoryPolicy.HOME), caller())).containsExactly(first);
    assertThat(choices(shell(DirectoryPolicy.ROOT), caller()))
        .containsExactly(first, new Choice(os("/"), reason));
  }

  @ParameterizedTest
  @EnumSource
  void plan_command_isNeverOfferedAnotherDirectory(DirectoryPolicy policy) throws SwitchException {
    for (List<OsString> command : List.of(all("rm", "data"), all("sh"), all("-c", "rm data"))) {
      SwitchRequest request = shell(policy).command(command);
      assertThat(choices(request, caller("HOME=/h"))).containsExactly(own("/work"));
      assertThat(choices(request.login(true).programName(os("sh")), caller("HOME=/h")))
          .containsExactly(own("/work"));
      assertRefusedWithoutDirectory(request, withoutDirectory("HOME=/h"));
    }
  }

  @Test
  void plan_directoryOfTwoPathnames_isTriedByBothBeforeAnother() throws SwitchException {
    Caller twice =
        new Caller(List.of(), WorkingDirectory.at("/domus/a", "/hl/a"), Set.of(), Signals.NONE);

    assertThat(choices(shell(DirectoryPolicy.SAME_OR_FAIL), twice))
        .containsExactly(own("/domus/a"), own("/hl/a"));
    assertThat(choices(shell(DirectoryPolicy.ROOT), twice))
        .containsExactly(
            own("/domus/a"),
            own("/hl/a"),
            new Choice(os("/"), Optional.of("cannot enter /domus/a in the image")));
  }

  @Test
  void plan_directoryWithoutPathname_takesAShellWhereThePolicySays() throws SwitchException {
    Optional<String> reason = Optional.of(UNNAMED);

    assertThat(choices(shell(DirectoryPolicy.HOME), withoutDirectory("HOME=/h")))
        .containsExactly(new Choice(os("/h"), reason));
    assertThat(choices(shell(DirectoryPolicy.ROOT), withoutDirectory()))
        .containsExactly(new Choice(os("/"), reason));
    assertThat(plan(request(image()).directory(ImagePath.of("/tmp")), withoutDirectory()).steps())
        .contains(directory("/tmp"));
  }

  private static final String UNNAMED =
      "cannot enter the working directory in the image: it has no pathname (deleted, too long, or"
          + " outside the root directory)";

  private static void assertRefusedWithoutDirectory(SwitchRequest request, Caller caller) {
    assertThatExceptionOfType(SwitchException.class)
        .isThrownBy(() -> choices(request, caller))
        .withMessage(
            "x: " + UNNAMED + "\nhint: change to another directory, or use --directory DIR")
        .satisfies(failure -> assertThat(failure.kind().exitStatus()).isEqualTo(125))
        .satisfies(failure -> assertThat(failure.step()).isEmpty());
  }

  @ParameterizedTest
  @EnumSource(names = "ROOT", mode = EnumSource.Mode.EXCLUDE)
  void plan_directoryWithoutPathnameAndNoOther_isRefused(DirectoryPolicy policy) {
    assertRefusedWithoutDirectory(shell(policy), withoutDirectory());
  }

  @Test
  void plan_directoryOfTheCaller_isCompared() throws SwitchException {
    assertThat(plan(shell(DirectoryPolicy.SAME), caller()).steps())
        .containsSubsequence(
            HERE, ENTER, directory("/work"), new KernelStep.CompareWorkingDirectory(true));
    assertThat(plan(request(image()).directory("/tmp"), caller()).steps())
        .doesNotHaveAnyElementsOfTypes(
            KernelStep.OpenWorkingDirectory.class, KernelStep.CompareWorkingDirectory.class);
  }

  @Test
  void ignoredNumbers_bits_areSignalNumbers() {
    assertThat(new Signals(0, 1L | 1L << 12 | 1L << 63).ignoredNumbers())
        .containsExactly(1, 13, 64);
    assertThat(Signals.NONE.ignoredNumbers()).isEmpty();
  }

  @Test
  void variable_ofTheCaller_isTheFirstOfThatName() {
    assertThat(caller("AB=0", "A=1", "A=2").variable("A")).contains(os("1"));
    assertThat(caller("A").variable("A")).isEmpty();
    assertThat(new Identity(-2, 100, List.of(1))).hasToString("uid=4294967294 gid=100 groups=1");
  }

  private static SwitchPlan planWith(SwitchRequest request, State state) throws SwitchException {
    MountSurvey survey =
        (root, selection) ->
            MountSurvey.allMissing(root, selection).stream()
                .map(
                    status ->
                        as(
                            status,
                            status.target().equals(ImagePath.of("/home")) ? state : State.MOUNTED))
                .toList();
    return request.plan(caller(), new HostState(path -> HostFiles.Kind.DIRECTORY, survey));
  }

  private static SwitchRequest withHome(MountNamespace namespace) {
    MountPlan mounts =
        MountPlan.empty()
            .plus(BindMount.of(HostPath.of("/home")))
            .plus(BindMount.of(HostPath.of("/data")))
            .plus(BindMount.of(HostPath.of("/proj")).at(ImagePath.of("/home/proj")));
    return request(image().mounts(mounts)).mountNamespace(namespace);
  }

  private static List<String> mounted(SwitchPlan plan) {
    return plan.steps().stream()
        .filter(KernelStep.Mount.class::isInstance)
        .map(step -> ((KernelStep.Mount) step).mount().step().target().toString())
        .toList();
  }

  @ParameterizedTest
  @EnumSource(MountNamespace.class)
  void plan_somethingElseIsMountedOnATarget_isRefused(MountNamespace namespace) {
    assertThatExceptionOfType(SwitchException.class)
        .isThrownBy(() -> planWith(withHome(namespace), State.FOREIGN))
        .withMessage(
            "x: /home in the image is not the configured mount /home: as the test says; unmount"
                + " it first");
  }

  @Test
  void plan_staleMountAndNoMountsOfItsOwn_isRefused() {
    assertThatExceptionOfType(SwitchException.class)
        .isThrownBy(() -> planWith(withHome(MountNamespace.SHARED), State.STALE))
        .withMessage(
            "x: /home in the image is stale: as the test says; \"syschroot umount x\" and"
                + " \"syschroot mount x\" mount it again");
  }

  @ParameterizedTest
  @EnumSource(
      value = MountNamespace.class,
      names = {"AUTOMATIC", "PRIVATE"})
  void plan_staleMountAndMountsOfItsOwn_isMountedOverWithWhatIsBeneath(MountNamespace namespace)
      throws SwitchException {
    SwitchPlan plan = planWith(withHome(namespace), State.STALE);
    assertThat(mounted(plan)).containsExactly("/home", "/home/proj");
    assertThat(plan.replacedMounts())
        .extracting(MountStatus::target)
        .containsExactly(ImagePath.of("/home"));
  }

  @Test
  void plan_staleMountWhoseSourceIsStaleToo_isRefused() {
    MountSurvey stale =
        (root, selection) ->
            MountSurvey.allMissing(root, selection).stream()
                .map(status -> as(status, State.STALE))
                .toList();
    HostState host = new HostState(path -> HostFiles.Kind.MISSING, stale);
    assertThatExceptionOfType(SwitchException.class)
        .isThrownBy(() -> withHome(MountNamespace.PRIVATE).plan(caller(), host))
        .withMessageContaining("/home in the image is stale");
  }

  @Test
  void plan_mountsCannotBeLookedAt_isRefused() {
    MountSurvey broken =
        (root, selection) -> {
          throw new IOException("EIO");
        };
    HostState host = new HostState(path -> HostFiles.Kind.DIRECTORY, broken);
    assertThatExceptionOfType(SwitchException.class)
        .isThrownBy(() -> withHome(MountNamespace.AUTOMATIC).plan(caller(), host))
        .withMessage("x: cannot read the mounts of the image: EIO");
  }
}
