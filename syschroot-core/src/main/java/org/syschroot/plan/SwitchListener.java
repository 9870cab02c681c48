// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import org.syschroot.image.ImageName;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.path.OsString;

/**
 * Listener for the start of one command: {@link #beforeStart}, {@link #beforeStep} for each step,
 * then {@link #started} or {@link #notStarted}, and {@link #ended}.
 *
 * <p>Those of a site are found with {@link java.util.ServiceLoader}'s files: a jar names them in
 * {@code META-INF/services/org.syschroot.plan.SwitchListener}. A new one is created for each start,
 * whether by {@code syschroot run} or by a program that embeds this library. An exception from a
 * method that is called before the command runs ends the start, and there is no command. Launchers
 * know no listeners.
 *
 * <p>Where this process becomes the command ({@code syschroot run}, {@code Syschroot.exec}) the
 * listener is called in the thread that takes the steps: from {@link KernelStep.EnterRoot} on a
 * pathname leads into the image, so what a listener needs of the host's files it opens before, and
 * the command inherits none of that. {@code started} and {@code ended} are never called there. When
 * a child is started, all steps are told before the first is taken, since no other code may run
 * between them.
 *
 * <p>For whoever keeps accounts of starts, or refuses some by an exception.
 *
 * <pre>{@code
 * public final class Accounting implements SwitchListener {
 *   @Override
 *   public void ended(SwitchPlan plan, long pid, int exitStatus) {
 *     log(plan.image().name() + " " + pid + ": " + exitStatus);
 *   }
 * }
 * }</pre>
 */
public interface SwitchListener {
  /** Ignores everything. */
  SwitchListener SILENT = new SwitchListener() {};

  /** Called before the first step, with all that is going to be done. */
  default void beforeStart(SwitchPlan plan) {}

  /**
   * Called after {@link #beforeStart} for each mount that is stale and that the command gets anew,
   * in its own mount namespace: everybody else still sees the stale one.
   */
  default void mountReplaced(ImageName image, MountStatus stale) {}

  /** Called after {@link #beforeStart} for each mount that the command will not have. */
  default void mountMissing(ImageName image, MountSelection.Mount mount) {}

  /** Called before each step. */
  default void beforeStep(KernelStep step) {}

  /**
   * Called when the command starts in another directory than the caller's, which must never happen
   * silently.
   *
   * @param reason why, for people to read
   */
  default void directoryReplaced(ImageName image, String reason, OsString directory) {}

  /**
   * Called when the command starts in a directory of the image that has the pathname of the
   * caller's working directory and is another one, and the command may write to one of them: what
   * it writes will not be found outside. With {@code cwd = "same"} it does not start instead.
   */
  default void otherDirectory(ImageName image, OsString directory) {}

  /**
   * Called when a child runs: its program has been found and executed.
   *
   * @param pid its process ID
   */
  default void started(SwitchPlan plan, long pid) {}

  /** Called when a start has failed; there is no command. */
  default void notStarted(SwitchPlan plan, SwitchException reason) {}

  /**
   * Called when a child has ended, in a thread of a pool, unless this JVM ends before.
   *
   * @param pid the process ID that it had
   * @param exitStatus its exit status; 128 and more may mean that a signal killed it
   */
  default void ended(SwitchPlan plan, long pid, int exitStatus) {}
}
