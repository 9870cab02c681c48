// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.origin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.syschroot.images.CreateException;
import org.syschroot.images.tree.SystemTree;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.mounts.ImageAccess;
import org.syschroot.mounts.MountException;
import org.syschroot.path.HostPath;
import org.syschroot.path.UntrustedException;
import org.syschroot.trust.TrustedPath;

/** A tree that is there already and only needs settings. Not instantiable. */
public final class AdoptedTree {
  private AdoptedTree() {}

  /**
   * Checks that a tree can be the root directory of an image as it is.
   *
   * @param owners the users besides root, or besides this user, to whom it may belong
   * @throws CreateException if it is missing, is no directory, holds nothing, or somebody else
   *     could change it; the message says what to do
   * @throws IOException if it cannot be looked at
   */
  public static void check(Path tree, Set<Integer> owners) throws IOException {
    if (!tree.isAbsolute()) {
      throw new CreateException(
          "\"" + tree + "\" is not absolute: give the whole pathname, from /");
    }
    if (!Files.exists(tree)) {
      throw new CreateException("no such directory: " + tree);
    }
    if (Files.isRegularFile(tree)) {
      checkFile(tree);
      return;
    }
    if (!Files.isDirectory(tree)) {
      throw new CreateException(
          tree
              + " is not a directory\nhint: unpack an archive by: syschroot create NAME --root DIR"
              + " --from "
              + tree);
    }
    requireTrusted(tree, owners);
    Optional<String> complaint = SystemTree.complaint(tree);
    if (complaint.isPresent()) {
      throw new CreateException(tree + " " + complaint.get());
    }
  }

  private static void checkFile(Path file) throws IOException {
    HostPath path = HostPath.of(file.toString());
    try {
      ImageAccess.checkImageFile(LinuxKernel.running(), path);
    } catch (UntrustedException | MountException e) {
      throw new CreateException(String.valueOf(e.getMessage()), e);
    } catch (KernelException e) {
      throw new CreateException("cannot read " + file + ": " + e.reason(), e);
    }
  }

  private static void requireTrusted(Path tree, Set<Integer> owners) throws IOException {
    Kernel kernel = LinuxKernel.running();
    TrustedPath trust =
        TrustedPath.forUser(kernel, LinuxProcessCalls.running().effectiveUid())
            .trusting(owners)
            .ofImage();
    try {
      kernel.close(trust.open(HostPath.of(tree.toString())));
    } catch (UntrustedException e) {
      String message = String.valueOf(e.getMessage());
      boolean hasSetting = message.contains("trusted-owners");
      throw new CreateException(
          message + (hasSetting ? "\nhint: --trusted-owner USER writes that setting" : ""), e);
    } catch (KernelException e) {
      throw new CreateException("cannot open " + tree + ": " + e.reason(), e);
    }
  }
}
