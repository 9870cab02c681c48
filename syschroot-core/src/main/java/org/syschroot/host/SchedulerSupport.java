// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.host;

import java.util.List;
import org.syschroot.image.Image;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;

/**
 * What core needs of a module that knows batch schedulers, found with {@link
 * java.util.ServiceLoader}: an image keeps no more than a scheduler's name. Implementations are
 * thread-safe.
 */
public interface SchedulerSupport {
  /** Where no module knows schedulers: each name is accepted, and none of them adds mounts. */
  SchedulerSupport NONE =
      new SchedulerSupport() {
        @Override
        public List<String> names() {
          return List.of();
        }

        @Override
        public MountPlan withSpool(Image image, HostFiles host, MountPlan plan) {
          return plan;
        }
      };

  /** Returns the names that a configuration may use; empty if each is accepted. */
  List<String> names();

  /**
   * Adds to the plan of an image what its jobs need to see of this host, such as the directory in
   * which the scheduler puts their scripts.
   */
  MountPlan withSpool(Image image, HostFiles host, MountPlan plan);
}
