// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class FlagNamesTest {
  @Test
  void describe_mountFlags_namesThemInOrder() {
    assertThat(MountFlags.describe(0)).isEqualTo("0");
    assertThat(MountFlags.describe(MountFlags.MS_REC | MountFlags.MS_BIND))
        .isEqualTo("MS_BIND|MS_REC");
    assertThat(MountFlags.describe(MountFlags.MS_SLAVE | MountFlags.MS_REC))
        .isEqualTo("MS_REC|MS_SLAVE");
  }

  @Test
  void describe_unknownBits_areShownInHexadecimal() {
    assertThat(MountFlags.describe(MountFlags.MS_RDONLY | 1L << 40))
        .isEqualTo("MS_RDONLY|0x10000000000");
    assertThat(CloneFlags.describe(0x800)).isEqualTo("0x800");
  }

  @Test
  void describe_openFlags_nameReadingOnly() {
    assertThat(OpenFlags.describe(OpenFlags.O_RDONLY)).isEqualTo("O_RDONLY");
    assertThat(OpenFlags.describe(OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW))
        .isEqualTo("O_NOFOLLOW|O_PATH");
    assertThat(
            OpenFlags.describeResolve(OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS))
        .isEqualTo("RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT");
  }

  @Test
  void describe_treeAttributesAndClone_nameThem() {
    assertThat(MountFlags.describeTree(MountFlags.OPEN_TREE_CLONE | MountFlags.AT_RECURSIVE))
        .isEqualTo("OPEN_TREE_CLONE|AT_RECURSIVE");
    assertThat(MountFlags.describeAttributes(MountFlags.MOUNT_ATTR_RDONLY))
        .isEqualTo("MOUNT_ATTR_RDONLY");
    assertThat(CloneFlags.describe(CloneFlags.CLONE_NEWNS | CloneFlags.CLONE_FS))
        .isEqualTo("CLONE_FS|CLONE_NEWNS");
  }

  @Test
  void capability_names_inAnyCaseAndWithPrefix() {
    assertThat(Capability.of("sys_module")).contains(Capability.SYS_MODULE);
    assertThat(Capability.of("CAP_SYS_MODULE")).contains(Capability.SYS_MODULE);
    assertThat(Capability.of("sys_nonsense")).isEmpty();
    assertThat(Capability.SYS_ADMIN.number()).isEqualTo(21);
    assertThat(Capability.SYS_CHROOT.number()).isEqualTo(18);
    assertThat(Capability.CHECKPOINT_RESTORE.number()).isEqualTo(40);
    assertThat(Capability.SYS_MODULE).hasToString("sys_module");
  }
}
