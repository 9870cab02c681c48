// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.rules;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.syschroot.host.HostState;
import org.syschroot.image.Image;
import org.syschroot.kernel.CloneFlags;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxPollCalls;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounting.HeldImageFile;
import org.syschroot.mounting.MountSupport;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.plan.ImagePlan;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchRequest;

/**
 * Plans for an image that is in a file, in a mount namespace in which that is mounted. The thread
 * stays for a while: as long as it has the file mounted, the command that was planned, and those
 * after it, have the filesystem at once, and the next plan needs no mount. When it ends, namespace
 * and mount go with it. Thread-safe.
 */
final class PlanningThread extends Thread {
  /** After this time without a plan nothing is held any more. */
  private static final long IDLE_MILLISECONDS = 5_000;

  private static final OsString MOUNTS = OsString.of("/proc/self/mountinfo");
  private static final OsString NAMESPACE = OsString.of("/proc/thread-self/ns/mnt");

  private final Kernel kernel;
  private final MountSupport mounts;
  private final Image image;
  private final HostPath file;

  /** Where the mounts are that it has seen, and what tells that they have changed. */
  private final OsString namespace;

  private final int mountTable;
  private final Queue<Task> tasks = new ArrayDeque<>();
  private @Nullable HeldImageFile held;
  private boolean ended;

  /** One plan that somebody waits for. Thread-safe. */
  static final class Task {
    private final SwitchRequest request;
    private final HostState host;
    private @Nullable ImagePlan plan;
    private @Nullable Throwable failure;

    Task(SwitchRequest request, HostState host) {
      this.request = request;
      this.host = host;
    }

    private void run() {
      try {
        ImagePlan made = request.plan(host);
        synchronized (this) {
          plan = made;
          notifyAll();
        }
      } catch (Throwable e) {
        fail(e);
      }
    }

    private synchronized void fail(Throwable e) {
      failure = e;
      notifyAll();
    }

    /** Returns the plan. Interrupts are kept: the thread does not wait for anything. */
    synchronized ImagePlan await(Image image) throws IOException {
      boolean interrupted = false;
      while (plan == null && failure == null) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (plan != null) {
        return plan;
      }
      if (failure instanceof IOException io) {
        throw io;
      }
      if (failure instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw new SwitchException(image.name(), "cannot plan: " + failure);
    }
  }

  private PlanningThread(
      Kernel kernel,
      MountSupport mounts,
      Image image,
      HostPath file,
      OsString namespace,
      int mountTable) {
    super("syschroot plans");
    this.kernel = kernel;
    this.mounts = mounts;
    this.image = image;
    this.file = file;
    this.namespace = namespace;
    this.mountTable = mountTable;
    setDaemon(true);
  }

  /** Starts one in a copy of the caller's mount namespace, with its first plan. */
  static PlanningThread begin(
      Kernel kernel, MountSupport mounts, Image image, HostPath file, Task first)
      throws KernelException {
    OsString here = kernel.readlinkat(Kernel.AT_FDCWD, NAMESPACE);
    int table = kernel.openat(Kernel.AT_FDCWD, MOUNTS, OpenFlags.O_RDONLY, 0);
    boolean started = false;
    try {
      PlanningThread thread = new PlanningThread(kernel, mounts, image, file, here, table);
      thread.tasks.add(first);
      thread.start();
      started = true;
      return thread;
    } finally {
      if (!started) {
        kernel.close(table);
      }
    }
  }

  /**
   * Takes a plan to make, or ends if it sees other things than the caller: another file, or mounts
   * of before.
   */
  synchronized boolean takes(HostPath wanted, Task task) {
    if (ended) {
      return false;
    }
    if (seesWhatCallerSees(wanted)) {
      tasks.add(task);
    } else {
      ended = true;
    }
    notifyAll();
    return !ended;
  }

  private boolean seesWhatCallerSees(HostPath wanted) {
    try {
      return wanted.equals(file)
          && kernel.readlinkat(Kernel.AT_FDCWD, NAMESPACE).equals(namespace)
          && !LinuxPollCalls.running().isExceptional(mountTable)
          && (held == null || held.isOf(wanted)); // else it is about to be mounted
    } catch (IOException unsafeOrGone) {
      return false; // to mount it says why
    }
  }

  @Override
  public void run() {
    Task first = next();
    try {
      enter();
      for (Task task = first; task != null; task = next()) {
        task.run();
      }
    } catch (Throwable e) {
      fail(first, e);
    } finally {
      leave();
    }
  }

  private void enter() throws IOException {
    kernel.unshare(CloneFlags.CLONE_NEWNS);
    long slave = MountFlags.MS_REC | MountFlags.MS_SLAVE;
    kernel.mount(null, OsString.of("/"), null, slave, null);
    HeldImageFile mounted;
    try {
      mounted = mounts.mounter(kernel).holdImageFile(file, image.root());
    } catch (IOException e) {
      throw new SwitchException(image.name(), e);
    }
    synchronized (this) {
      held = mounted;
    }
  }

  private synchronized @Nullable Task next() {
    long end = System.nanoTime() + IDLE_MILLISECONDS * 1_000_000;
    boolean interrupted = false;
    while (tasks.isEmpty() && !ended) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        ended = true;
        break;
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      interrupt();
    }
    return tasks.poll();
  }

  private void fail(@Nullable Task first, Throwable failure) {
    if (first != null) {
      first.fail(failure);
    }
    synchronized (this) {
      ended = true;
      for (Task task : tasks) {
        task.fail(failure);
      }
    }
  }

  private void leave() {
    synchronized (this) {
      ended = true;
      if (held != null) {
        held.close();
      }
      try {
        kernel.close(mountTable);
      } catch (KernelException e) {
        // It is gone all the same.
      }
    }
    kernel.endThread();
  }
}
