// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.sitecode;

import org.syschroot.image.Image;
import org.syschroot.image.MountContributor;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;

/**
 * Every image sees the scratch disk at {@code /scratch}, wherever this node has it. Nothing is
 * executed from there with somebody else's rights. Immutable and thread-safe.
 */
public final class ScratchMounts implements MountContributor {
  private static final ImagePath TARGET = ImagePath.of("/scratch");
  private static final HostPath OWN_DISK = HostPath.of("/mnt/scratch");
  private static final HostPath SHARED = HostPath.of("/srv/scratch");

  /** Creates the contributor, for {@link java.util.ServiceLoader}. */
  public ScratchMounts() {}

  @Override
  public String name() {
    return "scratch";
  }

  @Override
  public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
    HostPath disk = host.kind(OWN_DISK) == HostFiles.Kind.DIRECTORY ? OWN_DISK : SHARED;
    if (host.kind(disk) != HostFiles.Kind.DIRECTORY) {
      return plan;
    }
    // What an image's own file says of the place counts.
    boolean configured = plan.steps().stream().anyMatch(step -> step.target().equals(TARGET));
    return configured ? plan : plan.plus(BindMount.of(disk, MountOption.NOSUID).at(TARGET));
  }
}
