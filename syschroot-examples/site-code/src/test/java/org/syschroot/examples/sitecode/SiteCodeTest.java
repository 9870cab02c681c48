// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.sitecode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.caller.Caller;
import org.syschroot.caller.Signals;
import org.syschroot.caller.WorkingDirectory;
import org.syschroot.exec.InPlaceSwitch;
import org.syschroot.explain.TextExplanation;
import org.syschroot.host.HostState;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.mounting.MountSurvey;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.site.Contribution;
import org.syschroot.site.Requester;
import org.syschroot.testing.RecordingKernel;

/**
 * Site code without root and without an image: plans on files in memory, steps on a fake kernel.
 */
class SiteCodeTest {
  private static final Caller CALLER =
      new Caller(
          List.of(OsString.of("USER=alice"), OsString.of("PATH=/bin")),
          WorkingDirectory.at("/"),
          Set.of(0, 1, 2),
          Signals.NONE);

  private static SwitchPlan plan(MountPlan mounts, String... directories) throws IOException {
    Image image =
        Image.builder(new ImageName("sl5"), HostPath.of("/sysroot/SL54")).mounts(mounts).build();
    try (FileSystem files = Jimfs.newFileSystem(Configuration.unix())) {
      for (String directory : directories) {
        Files.createDirectories(files.getPath(directory));
      }
      HostState host =
          new HostState(
              HostFiles.of(files), MountSurvey.NOTHING_MOUNTED, List.of(new ScratchMounts()));
      return SwitchRequest.in(image).command("/bin/make", "-j4").plan(CALLER, host);
    }
  }

  @Test
  void contribute_nodeWithItsOwnDisk_mountsItAtScratch() throws IOException {
    assertThat(TextExplanation.of(plan(MountPlan.empty(), "/mnt/scratch", "/srv/scratch")))
        .contains("mount /mnt/scratch on /scratch (rbind, slave, nosuid), by scratch");
    assertThat(TextExplanation.of(plan(MountPlan.empty(), "/srv/scratch")))
        .contains("mount /srv/scratch on /scratch");
    assertThat(TextExplanation.of(plan(MountPlan.empty()))).doesNotContain("scratch");
  }

  @Test
  void contribute_imageWithAScratchOfItsOwn_leavesItAlone() throws IOException {
    MountPlan own = MountPlan.empty().plus(BindMount.parse(OsString.of("/data:/scratch:ro")));

    assertThat(TextExplanation.of(plan(own, "/data", "/mnt/scratch")))
        .contains("mount /data on /scratch")
        .doesNotContain("/mnt/scratch");
  }

  private static void carryOut(SwitchRecord listener) throws IOException {
    listener.beforeStart(plan(MountPlan.empty()));
  }

  @Test
  void beforeStart_anyCommand_recordsIt(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("switches.log");

    carryOut(new SwitchRecord(file));

    assertThat(Files.readString(file)).matches("\\S+Z sl5 alice /bin/make\n");
  }

  @Test
  void beforeStart_recordCannotBeWritten_refuses(@TempDir Path directory) throws IOException {
    Path file = Files.createDirectory(directory.resolve("switches.log"));

    assertThatThrownBy(() -> carryOut(new SwitchRecord(file)))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot record this command");
  }

  /** A listener may also look at each step, on a fake kernel here. */
  @Test
  void run_fakeKernel_takesTheStepsOfThePlan() {
    RecordingKernel kernel = new RecordingKernel().program("/sysroot/SL54/bin/make");
    List<KernelStep> heard = new ArrayList<>();
    SwitchListener listener =
        new SwitchListener() {
          @Override
          public void beforeStep(KernelStep step) {
            heard.add(step);
          }
        };

    assertThatThrownBy(
            () ->
                new InPlaceSwitch(plan(MountPlan.empty()), kernel, (root, mount) -> {}, listener, 0)
                    .run())
        .isInstanceOf(RecordingKernel.Executed.class);

    assertThat(kernel.journal()).anyMatch(call -> call.startsWith("chroot"));
    assertThat(heard).anyMatch(step -> step instanceof KernelStep.EnterRoot);
  }

  private static Contribution licence(int group, String... command) {
    Image image = Image.builder(new ImageName("sl5"), HostPath.of("/sysroot/SL54")).build();
    List<OsString> words = Stream.of(command).map(OsString::of).toList();
    Requester requester = new Requester(new Identity(1000, 100, List.of(group)), words);
    return new LicenceServer().contribute(image, HostFiles.of(FileSystems.getDefault()), requester);
  }

  @Test
  void contribute_memberWithALicensedProgram_tellsItsServer() {
    assertThat(licence(4200, "/opt/bin/matlab", "-r", "x").environment().set())
        .containsEntry(OsString.of("LM_LICENSE_FILE"), OsString.of("27000@licences.sl5"));
    assertThat(licence(4200, "make")).isEqualTo(Contribution.NONE);
    assertThat(licence(4200)).isEqualTo(Contribution.NONE);
    assertThat(licence(4201, "matlab")).isEqualTo(Contribution.NONE);
  }
}
