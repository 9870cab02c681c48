// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;

/** A tree that the kernel refuses for overlayfs: it is made by two of them already. */
final class RefusedOverlay {
  private RefusedOverlay() {}

  /** Mounts such a tree, with what is in another directory, on one at {@code /mnt}. */
  static void mount(Path tree, Path root) throws Exception {
    Path empty = Files.createDirectories(Path.of("/mnt/empty"));
    Path once = Files.createDirectories(Path.of("/mnt/once"));
    overlay(tree, empty, once);
    overlay(once, empty, root);
    Path thrice = Files.createDirectories(Path.of("/mnt/thrice"));
    Outcome refused = Program.of(words(root, empty, thrice)).run();
    assertThat(refused.status()).as("this test needs a refusal: %s", refused).isNotZero();
  }

  private static void overlay(Path tree, Path empty, Path on) throws Exception {
    SmallTreeSite.succeed(words(tree, empty, on));
  }

  private static String[] words(Path tree, Path empty, Path on) {
    String lower = "ro,lowerdir=" + tree + ":" + empty;
    return new String[] {"mount", "-t", "overlay", "-o", lower, "none", on.toString()};
  }
}
