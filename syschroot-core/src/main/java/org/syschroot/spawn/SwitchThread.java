// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.CloneFlags;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchException;

/**
 * Makes one child in an image, on a thread that enters the image and ends. For one start.
 *
 * <p>On Linux root and current directory, mount namespace, credentials, capabilities and
 * personality belong to the thread, once it has unshared them, and a child inherits those of the
 * thread that makes it. So the JVM need not change, and nothing need be undone: whatever happens,
 * the thread ends, and with it what it had.
 *
 * <p><b>Hazards</b>, which is why this is done nowhere else:
 *
 * <ul>
 *   <li>Past the change of root the thread must not load one of our classes: it would be looked for
 *       in the image, which could have another of that name. {@link Rehearsal} has loaded all that
 *       can be needed, failures included.
 *   <li>The descriptors stay the JVM's. With a table of its own the thread could close what is not
 *       for the child, but HotSpot reads the JDK's classes from a descriptor, on any thread that
 *       happens to make a method hot: without it the JVM crashes. So the child closes them.
 *   <li>It must be a platform thread that nobody uses before or after, and start no thread.
 *   <li>glibc's setuid(3) and its kin change all threads; {@link Kernel} does not use them.
 *   <li>Limits (setrlimit(2)) belong to the process: the child sets its own, see {@link
 *       org.syschroot.kernel.ChildSettings}.
 *   <li>While the thread is another user, that user may send it signals, and a signal that kills
 *       one thread kills the JVM. It lasts until the child has begun its program, less than a
 *       millisecond; a JVM for which even this is too much must not start commands of users who are
 *       its enemies. Reading its memory is prevented, see {@link DumpableFlag}.
 *   <li>{@code PR_SET_PDEATHSIG} follows the thread that made a child, so it cannot be offered.
 * </ul>
 */
final class SwitchThread implements Runnable, ChildStart {
  private final SpawnContext host;
  private final SpawnPerformer performer;
  private final CountDownLatch done = new CountDownLatch(1);
  // Written before the latch opens and read after it.
  private int threadId;
  private @Nullable Throwable failure;

  SwitchThread(SpawnContext host, SpawnPerformer performer) {
    this.host = host;
    this.performer = performer;
  }

  @Override
  public int pid() {
    return performer.pid();
  }

  /** Runs the thread until the program has begun. */
  @Override
  public void spawn() throws SwitchException, KernelException {
    boolean becomesUser =
        performer.steps().stream().anyMatch(step -> step instanceof KernelStep.SetIdentity);
    if (becomesUser) {
      host.dumpable().enter();
    }
    try {
      Thread thread = new Thread(null, this, "syschroot switches", 0, false);
      thread.setDaemon(true);
      start(thread);
      awaitDone();
    } finally {
      performer.close();
      if (becomesUser) {
        host.dumpable().leave(threadId);
      }
    }
    if (failure instanceof SwitchException) {
      throw (SwitchException) failure;
    }
    if (failure instanceof OutOfMemoryError) {
      throw (OutOfMemoryError) failure;
    }
    if (failure != null) {
      throw new IllegalStateException("the switch thread has failed", failure);
    }
  }

  private void start(Thread thread) throws SwitchException {
    try {
      host.start(thread);
    } catch (OutOfMemoryError noThreadLeft) { // so HotSpot tells of clone(2) that failed
      KernelException reason = new KernelException("clone", "thread", Errno.EAGAIN.number());
      throw performer.cannotBegin(reason);
    }
  }

  private void awaitDone() {
    boolean interrupted = false;
    boolean full = false;
    boolean isDone = false;
    while (!isDone) { // There is either a child or none: never an unknown.
      try {
        EnduringThread.pauseIf(full);
        done.await();
        isDone = true;
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (OutOfMemoryError e) {
        full = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void run() {
    try {
      threadId = host.calls().threadId();
      unshare();
      performer.perform();
    } catch (Throwable e) {
      failure = e;
    } finally {
      end();
    }
  }

  private void end() {
    try {
      host.kernel().endThread();
    } catch (OutOfMemoryError memoryNotGivenBack) {
      // The collector does it.
    } finally {
      done.countDown();
    }
  }

  private void unshare() throws SwitchException {
    boolean ownPidNamespace = performer.wishes().ownPidNamespace();
    int flags = CloneFlags.CLONE_FS | (ownPidNamespace ? CloneFlags.CLONE_NEWPID : 0);
    try {
      host.kernel().unshare(flags);
      performer.wishes().applyToThread(host.calls());
    } catch (KernelException e) {
      throw performer.cannotBegin(e);
    }
    KernelStep.EnterMountNamespace step = new KernelStep.EnterMountNamespace();
    if (ownPidNamespace && !performer.steps().contains(step)) {
      performer.enterMountNamespace(step); // for a /proc of its own
    }
  }
}
