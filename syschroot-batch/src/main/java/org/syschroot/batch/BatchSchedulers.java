// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.util.List;
import org.syschroot.host.SchedulerSupport;
import org.syschroot.image.Image;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;

/** The schedulers of this module, for core. Immutable and thread-safe. */
public final class BatchSchedulers implements SchedulerSupport {
  private final SpoolDirectories spool = new SpoolDirectories(SchedulerFiles::running);

  @Override
  public List<String> names() {
    return Scheduler.all().stream().map(Scheduler::name).toList();
  }

  @Override
  public MountPlan withSpool(Image image, HostFiles host, MountPlan plan) {
    return spool.of(image, plan);
  }
}
