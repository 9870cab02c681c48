// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** The same tree where the kernel refuses overlayfs, by every way into it. */
@InOwnMountNamespace
@RequiresCommand({"busybox", "useradd", "userdel", "runuser", "unshare"})
class UnderlayIT extends ReadOnlyTreeIT {
  @Override
  void present(Path tree, Path root) throws Exception {
    RefusedOverlay.mount(tree, root);
  }

  @Override
  @Test
  void script_byRoot_hasTheMountPointsAndWritesNothing() throws Exception {
    assertThat(script().toString())
        .startsWith("status 125")
        .contains("cannot mount the layers of the image by overlayfs");
  }

  @Test
  void run_mountInTheTree_keepsItsRestrictions() throws Exception {
    SmallTreeSite.succeed(
        "mount", "-t", "tmpfs", "-o", "noexec,nosuid,nodev,nosymfollow", "none", "/mnt/root/srv");
    String[] run =
        small().syschroot("run", "-d", "/", "ro", "--", "grep", " /srv ", "/proc/self/mountinfo");

    assertThat(Program.of(run).run().outText())
        .contains(" /srv ro,nosuid,nodev,noexec", ",nosymfollow ");
    assertThat(small().user().program(run).run().outText())
        .contains(" /srv ro,nosuid,nodev,noexec", ",nosymfollow ");
  }

  /** What is written needs overlayfs. */
  @Test
  void run_layerThatIsThrownAway_isRefused() throws Exception {
    String[] run = small().syschroot("run", "--throw-away", "ro", "--", "ls", "/");

    assertThat(Program.of(run).run().toString()).startsWith("status 125").contains("overlay");
    assertThat(small().user().program(run).run().toString())
        .startsWith("status 125")
        .contains("overlay");
  }
}
