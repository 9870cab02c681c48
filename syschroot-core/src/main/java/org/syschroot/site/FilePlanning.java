// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.site;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.syschroot.image.Image;
import org.syschroot.kernel.CloneFlags;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.MountFlags;
import org.syschroot.mountplan.KernelRoots;
import org.syschroot.mountplan.MountSupport;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.plan.HostState;
import org.syschroot.plan.ImagePlan;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchRequest;

/**
 * Plans for images whether their filesystem is mounted or is still in a file. A plan depends on
 * what is in the image: so a file is mounted for it, in a mount namespace that only the planning
 * thread is in and that goes with it. Thread-safe.
 */
final class FilePlanning {
  private final Kernel kernel;
  private final MountSupport mounts;

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
    return inThread(request, host.withFilesToMount(), file);
  }

  private ImagePlan inThread(SwitchRequest request, HostState host, HostPath file)
      throws IOException {
    CompletableFuture<ImagePlan> plan = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                enter(request.image(), file);
                plan.complete(request.plan(host));
              } catch (Throwable e) {
                plan.completeExceptionally(e);
              } finally {
                kernel.endThread();
              }
            },
            "syschroot plans");
    thread.setDaemon(true);
    thread.start();
    return result(request.image(), plan);
  }

  private void enter(Image image, HostPath file) throws IOException {
    kernel.unshare(CloneFlags.CLONE_NEWNS);
    long slave = MountFlags.MS_REC | MountFlags.MS_SLAVE;
    kernel.mount(null, OsString.of("/"), null, slave, null);
    try {
      mounts.mounter(kernel).mountImageFile(file, image.root());
    } catch (IOException e) {
      throw new SwitchException(image.name(), e);
    }
  }

  private static ImagePlan result(Image image, CompletableFuture<ImagePlan> plan)
      throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return plan.get();
        } catch (InterruptedException e) {
          interrupted = true; // the thread does not wait for anything
        } catch (ExecutionException e) {
          if (e.getCause() instanceof IOException failure) {
            throw failure;
          }
          if (e.getCause() instanceof RuntimeException failure) {
            throw failure;
          }
          throw new SwitchException(image.name(), "cannot plan: " + e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
