// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.syschroot.caller.Caller;
import org.syschroot.caller.Signals;
import org.syschroot.caller.WorkingDirectory;
import org.syschroot.explain.TextExplanation;
import org.syschroot.host.HostState;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.MountContributor;
import org.syschroot.mounting.MountSurvey;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;

class CvmfsMountsTest {
  private static final Image IMAGE =
      Image.builder(new ImageName("sl5"), HostPath.of("/sysroot/SL54"))
          .mounts(
              MountPlan.empty()
                  .plus(BindMount.of(HostPath.of("/home")))
                  .plus(BindMount.of(HostPath.of("/net"), MountOption.OPTIONAL)))
          .build();

  private static String explanation(String... directories) throws IOException, SwitchException {
    try (FileSystem files = Jimfs.newFileSystem(Configuration.unix())) {
      for (String directory : directories) {
        Files.createDirectories(files.getPath(directory));
      }
      HostState host =
          new HostState(
              HostFiles.of(files), MountSurvey.NOTHING_MOUNTED, List.of(new CvmfsMounts()));
      Caller caller =
          new Caller(List.of(), WorkingDirectory.at("/home"), Set.of(0, 1, 2), Signals.NONE);
      SwitchPlan plan = SwitchRequest.in(IMAGE).command("make").plan(caller, host);
      return TextExplanation.of(plan);
    }
  }

  @Test
  void contribute_hostWithCvmfs_mountsItReadOnlyAndSaysWhoDid()
      throws IOException, SwitchException {
    assertThat(explanation("/home", "/net", "/cvmfs"))
        .contains("mount /home on /home (rbind, slave) ")
        .contains("mount /cvmfs on /cvmfs (rbind, slave, ro), by cvmfs")
        .doesNotContain("/net");
  }

  @Test
  void contribute_hostWithoutCvmfs_onlyTakesNetAway() throws IOException, SwitchException {
    assertThat(explanation("/home", "/net")).doesNotContain("/cvmfs").doesNotContain("/net");
  }

  @Test
  void serviceFile_serviceLoader_findsTheContributor() {
    assertThat(ServiceLoader.load(MountContributor.class))
        .extracting(MountContributor::name)
        .containsExactly("cvmfs");
  }
}
