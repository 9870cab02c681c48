// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import org.syschroot.image.ImageName;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep;

/**
 * Hears what happens during a switch. Called in the switching thread.
 *
 * <p>The command finds those of a site with {@link java.util.ServiceLoader}: a jar names them in
 * {@code META-INF/services/org.syschroot.perform.SwitchListener}. An unchecked exception ends the
 * switch. From {@link KernelStep.EnterRoot} on a path leads into the image, so what a listener
 * needs of the native system's files it opens before; the command inherits none of that. Launchers
 * know no listeners.
 */
public interface SwitchListener {
  /** Ignores everything. */
  SwitchListener SILENT = new SwitchListener() {};

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
}
