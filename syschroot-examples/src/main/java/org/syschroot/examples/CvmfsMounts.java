// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples;

import org.syschroot.image.Image;
import org.syschroot.image.MountContributor;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;

/**
 * Site code of a physics cluster: every image sees the software of CernVM-FS where the node has it,
 * read-only, and no image sees {@code /net}, whose automounter hangs on this site's nodes.
 *
 * <p>To install it, put the jar with its service file into {@code /etc/syschroot/lib}. {@code
 * syschroot explain} then shows {@code by cvmfs} beside the mount.
 */
public final class CvmfsMounts implements MountContributor {
  private static final HostPath CVMFS = HostPath.of("/cvmfs");
  private static final ImagePath NET = ImagePath.of("/net");

  /** Creates the contributor, for {@link java.util.ServiceLoader}. */
  public CvmfsMounts() {}

  @Override
  public String name() {
    return "cvmfs";
  }

  @Override
  public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
    MountPlan withoutNet = plan.without(NET);
    if (host.kind(CVMFS) != HostFiles.Kind.DIRECTORY) {
      return withoutNet;
    }
    // Slave propagation, the default, lets repositories appear that are mounted on first use.
    return withoutNet.plus(BindMount.of(CVMFS, MountOption.READ_ONLY));
  }
}
