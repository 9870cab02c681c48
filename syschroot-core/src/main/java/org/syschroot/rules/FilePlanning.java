// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.rules;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.syschroot.host.HostState;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.mounting.KernelRoots;
import org.syschroot.mounting.MountSupport;
import org.syschroot.path.HostPath;
import org.syschroot.plan.ImagePlan;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchRequest;

/**
 * Plans for images whether their filesystem is mounted or is still in a file. A plan depends on
 * what is in the image: so a file is mounted for it, in a mount namespace that only a thread for
 * planning is in. Thread-safe.
 */
final class FilePlanning {
  private final Kernel kernel;
  private final MountSupport mounts;
  private final Map<HostPath, PlanningThread> threads = new HashMap<>();

  FilePlanning(Kernel kernel, MountSupport mounts) {
    this.kernel = kernel;
    this.mounts = mounts;
  }

  ImagePlan plan(SwitchRequest request, HostState host) throws IOException {
    Image image = request.image();
    if (image.file().isEmpty() || new KernelRoots(kernel).isMountPoint(image.root())) {
      return request.plan(host);
    }
    HostPath file = image.file().get();
    if (request.userNamespace().isPresent()) {
      throw SwitchException.withHint(
          image.name(),
          "cannot mount " + file + ": the kernel lets only root mount image files",
          "root mounts it for all with: syschroot mount " + image.name());
    }
    PlanningThread.Task task = new PlanningThread.Task(request, host.withFilesToMount());
    give(image, file, task);
    return task.await(image);
  }

  /** No file is looked at under the lock, so that a server that hangs holds up its image only. */
  private void give(Image image, HostPath file, PlanningThread.Task task) throws KernelException {
    @Nullable PlanningThread known = known(image);
    while (known == null || !known.takes(file, task)) {
      synchronized (this) {
        PlanningThread now = threads.get(image.root());
        if (now == known) {
          threads.put(image.root(), PlanningThread.begin(kernel, mounts, image, file, task));
          return;
        }
        known = now;
      }
    }
  }

  private synchronized @Nullable PlanningThread known(Image image) {
    return threads.get(image.root());
  }
}
