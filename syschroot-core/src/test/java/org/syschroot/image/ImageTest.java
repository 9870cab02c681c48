// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.syschroot.kernel.Capability;
import org.syschroot.mountplan.Layer;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

class ImageTest {
  private static final ImageName NAME = new ImageName("sl5");
  private static final HostPath ROOT = HostPath.of("/sysroot/SL54");

  /** What a copy in another directory does not have of the image: it is a tree, and elsewhere. */
  private static final Set<String> REPLACED = Set.of("root", "file");

  private static Image full() {
    return Image.builder(NAME, ROOT)
        .description("Scientific Linux")
        .aliases(List.of(new ImageName("sl54")))
        .personality(new Personality(8))
        .shell(ImagePath.of("/bin/bash"))
        .directoryPolicy(DirectoryPolicy.HOME)
        .users(List.of("alice"))
        .groups(List.of("hep"))
        .mounts(MountPlan.empty())
        .layer(Layer.THROW_AWAY)
        .trustedOwners(Set.of(65533))
        .rootMount(true)
        .noNewPrivileges(true)
        .droppedCapabilities(Set.of(Capability.SYS_ADMIN))
        .openFiles(64)
        .consistency(new Consistency(Optional.of(AccountSource.MERGED), Set.of()))
        .cachedStarts(false)
        .prompt(false)
        .environment(new EnvironmentChanges(Map.of(), Set.of(OsString.of("LD_PRELOAD"))))
        .launchers(new Launchers(HostPath.of("/bin4"), List.of()))
        .submit(new SubmitSettings("slurm", List.of()))
        .origins(Map.of("root", new Origin("sl5.toml", 1, 1)))
        .build();
  }

  /** It copies setting by setting: one that is forgotten would fall back to its default unsaid. */
  @Test
  void in_anotherDirectory_hasAllSettings() throws Exception {
    Image full = full();
    Image plain = Image.builder(NAME, ROOT).build();
    Image copy = full.in(HostPath.of("/sysroot/other"));

    assertThat(copy.root()).isEqualTo(HostPath.of("/sysroot/other"));
    assertThat(copy.name()).isEqualTo(NAME);
    for (Field field : Image.class.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers())
          || field.getName().equals("name")
          || REPLACED.contains(field.getName())) {
        continue;
      }
      field.setAccessible(true);
      assertThat(field.get(full))
          .as("%s, to be set above", field.getName())
          .isNotEqualTo(field.get(plain));
      assertThat(field.get(copy)).as(field.getName()).isEqualTo(field.get(full));
    }
  }

  @Test
  void in_ofAnImageInAFile_isATree() {
    Image image = Image.ofFile(NAME, HostPath.of("/srv/sl5.squashfs")).build();
    Image copy = image.in(ROOT);

    assertThat(copy.file()).isEmpty();
    assertThat(copy.place()).isEqualTo(ROOT);
  }
}
