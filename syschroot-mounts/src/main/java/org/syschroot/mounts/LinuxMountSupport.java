// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import org.syschroot.kernel.Kernel;
import org.syschroot.mounting.MountSupport;
import org.syschroot.mounting.MountSurvey;
import org.syschroot.mounting.Mounter;

/** Offers this module to core. What its mounters hold, all of them use. Thread-safe. */
public final class LinuxMountSupport implements MountSupport {
  private final AttachedFiles attached = new AttachedFiles();

  /** Called by {@link java.util.ServiceLoader}. */
  public LinuxMountSupport() {}

  @Override
  public Mounter mounter(Kernel kernel) {
    return new DescriptorMounter(kernel, attached);
  }

  @Override
  public MountSurvey survey(Kernel kernel) {
    return LinuxMountSurvey.repeated(kernel);
  }
}
