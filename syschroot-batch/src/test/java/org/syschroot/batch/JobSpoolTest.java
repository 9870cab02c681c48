// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.LauncherKind;
import org.syschroot.image.Launchers;
import org.syschroot.image.SubmitSettings;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/** Which directories with scripts of jobs an image does not show, or only to be read. */
class JobSpoolTest {
  private static final String SPOOL = "/var/spool/slurmd";

  private final Path root = Jimfs.newFileSystem(Configuration.unix()).getPath("/").toAbsolutePath();
  private final JobSpool spool = new JobSpool(new SchedulerFiles(root, "node7"));
  private final Image image = builder().build();

  private static Image.Builder builder() {
    return Image.builder(new ImageName("sl4"), HostPath.of("/sysroot/sl4"))
        .launchers(
            new Launchers(HostPath.of("/bin4"), List.of("sh"), false, LauncherKind.BOOT, false));
  }

  private static MountSelection mounts(String... mounts) {
    return new MountSelection(
        Stream.of(mounts)
            .map(text -> new MountSelection.Mount(BindMount.parse(OsString.of(text)), true))
            .toList(),
        List.of());
  }

  @BeforeEach
  void makeTheSpool() throws Exception {
    Files.createDirectories(root.resolve("var/spool/slurmd"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "/dev; slurm; false",
        "/var/spool/slurm; slurm; false",
        "/var/spool/slurmd; ''; false",
        "/var/spool; ''; false",
        "/var/spool/slurmd:/var/spool/slurmd:ro; ''; true",
        "/data:/var/spool/slurmd; slurm; false",
      })
  void of_mounts_tellWhatJobsMiss(String mount, String scheduler, boolean isReadOnly) {
    MountSelection mounts = mounts(mount);
    assertThat(String.join(",", spool.missingIn(image, mounts).values())).isEqualTo(scheduler);
    assertThat(spool.readOnlyIn(image, mounts)).hasSize(isReadOnly ? 1 : 0);
  }

  @Test
  void missingIn_nothingToMiss_isEmpty() throws Exception {
    Image submits = builder().submit(new SubmitSettings("slurm", List.of())).build();
    assertThat(spool.missingIn(submits, mounts("/dev"))).isEmpty();
    Image withoutLaunchers =
        Image.builder(new ImageName("sl4"), HostPath.of("/sysroot/sl4")).build();
    assertThat(spool.missingIn(withoutLaunchers, mounts("/dev"))).isEmpty();
    Files.delete(root.resolve(SPOOL.substring(1)));
    assertThat(spool.missingIn(image, mounts("/dev"))).isEmpty();
  }
}
