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

/** Which directories of a job are not the ones in an image. */
class JobDirectoriesTest {
  private final Path root = Jimfs.newFileSystem(Configuration.unix()).getPath("/").toAbsolutePath();

  private List<String> missed(LauncherKind kind, String... mounts) throws Exception {
    Files.createDirectories(root.resolve("etc/slurm"));
    Files.writeString(
        root.resolve("etc/slurm/slurm.conf"), "JobContainerType=job_container/tmpfs\n");
    Image image =
        Image.builder(new ImageName("sl4"), HostPath.of("/sysroot/sl4"))
            .submit(new SubmitSettings("slurm", List.of()))
            .launchers(new Launchers(HostPath.of("/bin4"), List.of("sh"), false, kind, false))
            .build();
    MountSelection selection =
        new MountSelection(
            Stream.of(mounts)
                .map(text -> new MountSelection.Mount(BindMount.parse(OsString.of(text)), true))
                .toList(),
            List.of());
    return new JobDirectories(new SchedulerFiles(root, "node7")).missedBy(image, selection);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "/tmp; /tmp",
        "/dev; /dev/shm",
        "/:/host; /tmp,/dev/shm",
        "/tmp/x:/scratch; /tmp",
        "/dev:/dev:norbind; ''",
        "/tmpfiles; ''",
        "/data; ''",
      })
  void missedBy_bootLaunchers_areThoseThatTheHostShows(String mount, String expected)
      throws Exception {
    assertThat(String.join(",", missed(LauncherKind.BOOT, mount))).isEqualTo(expected);
  }

  @Test
  void missedBy_entryLaunchers_areNone() throws Exception {
    assertThat(missed(LauncherKind.ENTRY, "/tmp", "/dev")).isEmpty();
  }
}
