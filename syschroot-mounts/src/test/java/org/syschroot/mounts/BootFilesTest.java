// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class BootFilesTest {
  private static final String COMMAND = "/usr/bin/syschroot";

  @Test
  void write_systemdHost_writesUnitOrderedAfterRemoteFileSystems() throws IOException {
    try (FileSystem files = Jimfs.newFileSystem(Configuration.unix())) {
      Path etc = files.getPath("/etc");
      Path unit = etc.resolve("systemd/system/syschroot-mounts.service");
      Files.createDirectories(unit.getParent());
      Files.writeString(unit, "an older one");

      assertThat(BootFiles.of(etc).write(COMMAND))
          .containsExactly(unit, etc.resolve("syschroot/rc.local"));
      assertThat(unit)
          .content()
          .isEqualTo(
              """
              # Written by syschroot mount --install-boot.
              [Unit]
              Description=Mounts of the syschroot images
              After=local-fs.target remote-fs.target autofs.service
              Wants=remote-fs.target

              [Service]
              Type=oneshot
              RemainAfterExit=yes
              ExecStart=/usr/bin/syschroot mount --all
              ExecStop=/usr/bin/syschroot umount --all

              [Install]
              WantedBy=multi-user.target
              """);
      assertThat(unit.getParent()).isDirectoryNotContaining("glob:**.new");
    }
  }

  @Test
  void write_hostWithoutSystemd_writesOnlyTheFragment() throws IOException {
    try (FileSystem files = Jimfs.newFileSystem(Configuration.unix())) {
      Path etc = files.getPath("/etc");

      assertThat(BootFiles.of(etc).write(COMMAND))
          .containsExactly(etc.resolve("syschroot/rc.local"));
      assertThat(etc.resolve("syschroot/rc.local"))
          .content()
          .contains("    stop) /usr/bin/syschroot umount --all ;;\n")
          .contains("    *) /usr/bin/syschroot mount --all ;;\n");
    }
  }
}
