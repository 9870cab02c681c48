// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.syschroot.image.EnvironmentChanges;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.Layer;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

class SwitchRequestTest {
  private static final Image IMAGE =
      Image.builder(new ImageName("sl5"), HostPath.of("/sysroot/SL54")).build();

  /** Either a command or arguments of the shell: the one replaces the other. */
  private static final Set<String> REPLACED = Set.of("command", "shellArguments");

  private static SwitchRequest full() {
    return SwitchRequest.in(IMAGE)
        .directory(ImagePath.of("/data"))
        .identity(new Identity(5, 6, List.of(7)))
        .programName(OsString.of("-sh"))
        .login(true)
        .emptyEnvironment(true)
        .variable("A", "1")
        .withoutVariable("B")
        .personality(new Personality(8))
        .mount(BindMount.of(HostPath.of("/data")))
        .withoutMount(ImagePath.of("/tmp"))
        .mountNamespace(MountNamespace.PRIVATE)
        .rootless(UserIds.KEPT)
        .dropCapabilities(Set.of(Capability.SYS_ADMIN))
        .layer(Layer.THROW_AWAY)
        .noNewPrivileges(true)
        .limit(Limit.OPEN_FILES, 64)
        .accessChecked()
        .contributed(new EnvironmentChanges(Map.of(), Set.of(OsString.of("C"))));
  }

  /** Each method copies all fields: one that is forgotten would lose what was asked for before. */
  @Test
  void eachMethod_keepsWhatWasAskedForBefore() throws Exception {
    SwitchRequest plain = SwitchRequest.in(IMAGE);
    for (SwitchRequest full : List.of(full().command("make"), full().shell("-c", "make"))) {
      SwitchRequest copy = full.noNewPrivileges(true);
      assertThat(copy).isNotSameAs(full);
      for (Field field : SwitchRequest.class.getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers()) || field.getName().equals("image")) {
          continue;
        }
        field.setAccessible(true);
        if (!REPLACED.contains(field.getName())) {
          assertThat(field.get(full))
              .as("%s, to be set above", field.getName())
              .isNotEqualTo(field.get(plain));
        }
        assertThat(field.get(copy)).as(field.getName()).isEqualTo(field.get(full));
      }
    }
  }
}
