// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.util.List;
import org.syschroot.image.ImageName;
import org.syschroot.path.OsString;
import org.syschroot.perform.SwitchListener;
import org.syschroot.plan.KernelStep;

/**
 * Tells the listeners of a site, after our own, what happens. One that throws ends the switch: the
 * message then names it. For one switch.
 */
final class SiteListeners implements SwitchListener {
  private final SwitchListener own;
  private final List<SwitchListener> others;

  private SiteListeners(SwitchListener own, List<SwitchListener> others) {
    this.own = own;
    this.others = others;
  }

  /** Returns a listener that tells all of them; without others that is our own. */
  static SwitchListener after(SwitchListener own, List<SwitchListener> others) {
    return others.isEmpty() ? own : new SiteListeners(own, others);
  }

  @Override
  public void beforeStep(KernelStep step) {
    own.beforeStep(step);
    for (SwitchListener other : others) {
      named(other, () -> other.beforeStep(step));
    }
  }

  @Override
  public void directoryReplaced(ImageName image, String reason, OsString directory) {
    own.directoryReplaced(image, reason, directory);
    for (SwitchListener other : others) {
      named(other, () -> other.directoryReplaced(image, reason, directory));
    }
  }

  @Override
  public void otherDirectory(ImageName image, OsString directory) {
    own.otherDirectory(image, directory);
    for (SwitchListener other : others) {
      named(other, () -> other.otherDirectory(image, directory));
    }
  }

  private static void named(SwitchListener listener, Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      throw new SiteCodeException(
          "site code " + listener.getClass().getName() + ": " + e.getMessage(), e);
    }
  }
}
