// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.kernel.UserNamespaceSettings.Obstacle;

final class UserNamespaceSettingsTest {
  private final Map<String, String> files = new HashMap<>();

  private void write(String file, String content) {
    files.put("/proc/" + file, content + "\n");
  }

  private Optional<Obstacle> obstacle() {
    return UserNamespaceSettings.read(file -> Optional.ofNullable(files.get(file))).obstacle();
  }

  @Test
  void obstacle_kernelWithoutSuchSettings_isNone() {
    assertThat(obstacle()).isEmpty();
  }

  @Test
  void obstacle_settingsThatAllow_isNone() {
    write("sys/user/max_user_namespaces", "96365");
    write("sys/kernel/unprivileged_userns_clone", "1");
    write("sys/kernel/apparmor_restrict_unprivileged_userns", "0");
    write("self/attr/current", "unconfined");

    assertThat(obstacle()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "user.max_user_namespaces, 0, 15000",
    "kernel.unprivileged_userns_clone, 0, 1",
    "kernel.apparmor_restrict_unprivileged_userns, 1, 0"
  })
  void obstacle_settingThatForbids_isNamed(String name, String value, String needed) {
    write("self/attr/current", "unconfined");
    write("sys/" + name.replace('.', '/'), value);

    assertThat(obstacle()).contains(new Obstacle(name, value, needed));
  }

  @Test
  void obstacle_programWithAProfileOfAppArmor_isNotForetold() {
    write("sys/kernel/apparmor_restrict_unprivileged_userns", "1");
    write("self/attr/current", "syschroot (unconfined)");

    assertThat(obstacle()).isEmpty();
  }
}
