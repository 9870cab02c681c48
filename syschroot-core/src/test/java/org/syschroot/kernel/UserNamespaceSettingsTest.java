// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UserNamespaceSettingsTest {
  private final FileSystem files = Jimfs.newFileSystem(Configuration.unix());
  private final Path proc = files.getPath("/proc");

  @AfterEach
  void close() throws IOException {
    files.close();
  }

  private void write(String file, String content) throws IOException {
    Path path = proc.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content + "\n");
  }

  @Test
  void obstacle_kernelWithoutSuchSettings_isNone() {
    assertThat(UserNamespaceSettings.in(proc).obstacle()).isEmpty();
  }

  @Test
  void obstacle_settingsThatAllow_isNone() throws IOException {
    write("sys/user/max_user_namespaces", "96365");
    write("sys/kernel/unprivileged_userns_clone", "1");
    write("sys/kernel/apparmor_restrict_unprivileged_userns", "0");
    write("self/attr/current", "unconfined");

    assertThat(UserNamespaceSettings.in(proc).obstacle()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "user.max_user_namespaces, 0, 15000",
    "kernel.unprivileged_userns_clone, 0, 1",
    "kernel.apparmor_restrict_unprivileged_userns, 1, 0"
  })
  void obstacle_settingThatForbids_isNamed(String name, String value, String needed)
      throws IOException {
    write("self/attr/current", "unconfined");
    write("sys/" + name.replace('.', '/'), value);

    assertThat(UserNamespaceSettings.in(proc).obstacle())
        .contains(new UserNamespaceSettings.Obstacle(name, value, needed));
  }

  @Test
  void obstacle_programWithAProfileOfAppArmor_isNotForetold() throws IOException {
    write("sys/kernel/apparmor_restrict_unprivileged_userns", "1");
    write("self/attr/current", "syschroot (unconfined)");

    assertThat(UserNamespaceSettings.in(proc).obstacle()).isEmpty();
  }
}
