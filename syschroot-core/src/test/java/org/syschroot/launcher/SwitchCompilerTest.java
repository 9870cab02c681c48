// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.caller.Caller;
import org.syschroot.caller.Signals;
import org.syschroot.caller.WorkingDirectory;
import org.syschroot.host.HostState;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.Machine;
import org.syschroot.launcher.LauncherImage.Outcome;
import org.syschroot.mounting.KernelFiles;
import org.syschroot.mounting.MountSurvey;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep.Execute;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.plan.UserIds;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** Programs that plans of one caller are compiled to, run by an ordinary user. */
@RequiresRoot
@RequiresCommand({"busybox", "setpriv", "bash"})
final class SwitchCompilerTest {
  private static final String STATUS = "exec 3</proc/self/status; exec \"$0\" \"$@\"";

  private LauncherImage image;
  private Image.Builder settings;
  private MountPlan mounts = MountPlan.empty();

  @BeforeEach
  void make() throws IOException {
    image = new LauncherImage();
    settings = Image.builder(new ImageName("sl5"), HostPath.of(image.root().toString()));
    for (String directory : List.of("proc", "data", "tmp")) {
      Files.createDirectory(image.root().resolve(directory));
    }
  }

  @AfterEach
  void remove() throws IOException {
    image.close();
  }

  private SwitchRequest request(String... command) {
    return SwitchRequest.in(settings.mounts(mounts).build())
        .rootless(UserIds.KEPT)
        .command(command);
  }

  private Caller caller() {
    return new Caller(
        List.of(OsString.of("PATH=/nowhere:/bin"), OsString.of("EMPTY=")),
        WorkingDirectory.at(image.work().toString()),
        Set.of(0, 1, 2, 3),
        Signals.NONE);
  }

  private SwitchPlan plan(SwitchRequest request, Caller caller) throws SwitchException {
    HostState host =
        new HostState(new KernelFiles(LinuxKernel.running()), MountSurvey.NOTHING_MOUNTED);
    return request.plan(host).bind(caller);
  }

  private Outcome run(SwitchRequest request) throws Exception {
    return run(request, caller(), STATUS);
  }

  /** Runs a compiled plan as the process that it was made for would. */
  private Outcome run(SwitchRequest request, Caller caller, String lines) throws Exception {
    SwitchPlan plan = plan(request, caller);
    byte[] bytes = SwitchCompiler.compile(plan, LinuxKernel.running(), 0, Machine.current());
    Path program = image.executable(image.folder().resolve("program"), bytes);
    Execute execute = (Execute) plan.steps().get(plan.steps().size() - 1);
    List<String> arguments = new ArrayList<>();
    execute.candidates().get(0).arguments().forEach(one -> arguments.add(one.toString()));
    execute
        .environment()
        .forEach(
            entry -> {
              String[] words = entry.toString().split("=", 2);
              image.set(words[0], words[1]);
            });
    return image.user(
        lines,
        image.work(),
        program,
        arguments.subList(1, arguments.size()).toArray(String[]::new));
  }

  @Test
  void rootless_command_keepsIdsDirectoryAndHasNoPrivilege() throws Exception {
    Outcome outcome = run(request("sh", "-c", "id -u; id -g; pwd; echo $SYSCHROOT_IMAGE; cat <&3"));
    assertThat(outcome.isOk().lines()).startsWith("65534", "65534", image.work().toString(), "sl5");
    assertThat(outcome.out())
        .contains("CapPrm:\t0000000000000000", "CapEff:\t0000000000000000")
        .contains("CapInh:\t0000000000000000", "CapAmb:\t0000000000000000");
  }

  @Test
  void rootless_asRoot_isRootInItsNamespaceOnly() throws Exception {
    SwitchRequest request =
        SwitchRequest.in(settings.mounts(mounts).build())
            .rootless(UserIds.AS_ROOT)
            .command("sh", "-c", "id -u; id -g");
    assertThat(run(request).isOk().lines()).startsWith("0", "0");
  }

  @Test
  void rootless_mounts_areThoseOfThePlan() throws Exception {
    Path data = Files.createDirectory(image.folder().resolve("data"));
    Files.writeString(data.resolve("file"), "content\n");
    mounts =
        MountPlan.builder()
            .add(BindMount.of(HostPath.of("/proc")))
            .add(
                BindMount.of(HostPath.of(data.toString()), MountOption.READ_ONLY)
                    .at(ImagePath.of("/data")))
            .add(BindMount.of(HostPath.of(image.work().toString())))
            .add(new TmpfsMount(ImagePath.of("/tmp"), OsString.of("mode=1777,size=1m")))
            .build();
    Outcome outcome =
        run(
            request(
                "sh",
                "-c",
                "cat /data/file; grep -c ' /data ro' /proc/self/mountinfo; >/tmp/x; ls /tmp"));
    assertThat(outcome.isOk().lines()).containsExactly("content", "1", "x");
  }

  @Test
  void rootless_settings_areMade() throws Exception {
    SwitchRequest request =
        request("sh", "-c", "uname -m; cat <&3")
            .personality(new Personality(8))
            .noNewPrivileges(true)
            .dropCapabilities(Set.of(Capability.SYS_MODULE));
    Outcome outcome = run(request).isOk();
    assertThat(outcome.out()).contains("NoNewPrivs:\t1");
    assertThat(outcome.lines().get(0)).isIn("i686", "armv8l");
  }

  @Test
  void rootless_signalsAndDescriptors_areTheCallers() throws Exception {
    mounts = MountPlan.empty().plus(BindMount.of(HostPath.of("/proc")));
    Caller caller =
        new Caller(
            caller().environment(),
            caller().directory(),
            Set.of(0, 1, 2, 5),
            new Signals(0x200, 0x4000));
    Outcome outcome =
        run(
            request("sh", "-c", "ls /proc/self/fd; grep Sig /proc/self/status"),
            caller,
            "exec 3</dev/null 4</dev/null 5</dev/null 9</dev/null; exec \"$0\" \"$@\"");
    assertThat(outcome.isOk().lines()).contains("0", "1", "2", "5").doesNotContain("4", "9");
    assertThat(outcome.out()).contains("SigBlk:\t0000000000000200");
    String ignored = outcome.out().replaceAll("(?s).*SigIgn:\t([0-9a-f]+).*", "$1");
    assertThat(Long.parseUnsignedLong(ignored, 16) & 0x4000).isNotZero();
  }

  @Test
  void rootless_programNotToBeRun_exitsAsAShellWould() throws Exception {
    image.program("bin/text", new byte[] {1, 2, 3, 0});
    image.program("bin/plain", "echo plain $1\n".getBytes(StandardCharsets.US_ASCII));
    image.program("bin/script", "#!/no/such\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(run(request("plain", "x")).isOk().out()).isEqualTo("plain x\n");
    Outcome missing = run(request("nosuch"));
    assertThat(missing.err()).isEqualTo("syschroot: sl5: nosuch: command not found in the image\n");
    assertThat(missing.status()).isEqualTo(127);
    Outcome text = run(request("text"));
    assertThat(text.err())
        .isEqualTo("syschroot: sl5: /bin/text in the image cannot be run: Exec format error\n");
    assertThat(text.status()).isEqualTo(126);
    Outcome script = run(request("script"));
    assertThat(script.err())
        .isEqualTo(
            "syschroot: sl5: /bin/script in the image cannot be run: its interpreter is missing in the"
                + " image\n");
    assertThat(script.status()).isEqualTo(126);
    assertThat(run(request("/bin")).status()).isEqualTo(126);
  }

  @Test
  void rootless_directoryMissing_isRefused() throws Exception {
    Files.delete(image.inImage(image.work()));
    Outcome outcome = run(request("sh", "-c", "pwd"));
    assertThat(outcome.err())
        .startsWith(
            "syschroot: sl5: cannot enter "
                + image.work()
                + " in the image: No such file or directory;");
    assertThat(outcome.status()).isEqualTo(125);
  }
}
