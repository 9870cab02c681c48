// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.rules;

import org.syschroot.host.SchedulerSupport;
import org.syschroot.image.Image;
import org.syschroot.image.MountContributor;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;

/** Adds what schedulers say of an image's mounts, under the name of the table that asks for it. */
record SpoolMounts(SchedulerSupport schedulers) implements MountContributor {
  @Override
  public String name() {
    return "submit";
  }

  @Override
  public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
    return schedulers.withSpool(image, host, plan);
  }
}
