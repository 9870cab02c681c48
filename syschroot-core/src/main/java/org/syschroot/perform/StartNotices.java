// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import org.syschroot.image.ImageName;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;

/** What a listener is told before the first step, whoever takes the steps. Not instantiable. */
public final class StartNotices {
  private StartNotices() {}

  /** Tells of a start. */
  public static void tell(SwitchListener listener, SwitchPlan plan) {
    listener.beforeStart(plan);
    ImageName image = plan.image().name();
    for (MountStatus stale : plan.replacedMounts()) {
      listener.mountReplaced(image, stale);
    }
    for (MountSelection.Mount missing : plan.missingMounts()) {
      listener.mountMissing(image, missing);
    }
  }
}
