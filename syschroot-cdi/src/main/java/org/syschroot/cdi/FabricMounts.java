// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cdi;

import org.syschroot.image.Image;
import org.syschroot.image.MountContributor;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;

/**
 * Every image gets {@code /dev/infiniband}, also one that is not given all of {@code /dev}. The
 * libraries are the image's own: the interface of these devices to them is the kernel's, and
 * stable. Immutable and thread-safe.
 */
public final class FabricMounts implements MountContributor {
  private static final HostPath DEVICES = HostPath.of("/dev/infiniband");
  private static final ImagePath TARGET = ImagePath.of("/dev/infiniband");

  /** Creates the contributor, for {@link java.util.ServiceLoader}. */
  public FabricMounts() {}

  @Override
  public String name() {
    return "fabric";
  }

  @Override
  public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
    boolean configured = plan.steps().stream().anyMatch(step -> step.target().equals(TARGET));
    return configured || host.kind(DEVICES) != HostFiles.Kind.DIRECTORY
        ? plan
        : plan.plus(BindMount.of(DEVICES, MountOption.OPTIONAL));
  }
}
