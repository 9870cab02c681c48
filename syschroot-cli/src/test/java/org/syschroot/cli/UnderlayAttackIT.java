// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.nio.file.Path;
import java.util.List;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** The same attacks where the kernel refuses overlayfs, and the tree is bound piece by piece. */
@InOwnMountNamespace
@RequiresCommand({"busybox", "useradd", "userdel", "runuser"})
class UnderlayAttackIT extends AddedMountPointAttackIT {
  @Override
  void present(Path tree) throws Exception {
    RefusedOverlay.mount(tree, tree);
  }

  @Override
  List<String> layers() {
    return List.of("");
  }
}
