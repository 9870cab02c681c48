// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot;

import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.Machine;
import org.syschroot.launcher.LauncherException;
import org.syschroot.launcher.SwitchCompiler;
import org.syschroot.mounting.MountSupport;
import org.syschroot.path.UntrustedException;
import org.syschroot.perform.MountPlaces;
import org.syschroot.perform.PlanCompiler;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchPlan;

/** Compiles the plans of callers without privilege. Thread-safe. */
final class UnprivilegedPlans implements PlanCompiler {
  private final Kernel kernel;
  private final MountSupport mounts;

  UnprivilegedPlans(Kernel kernel, MountSupport mounts) {
    this.kernel = kernel;
    this.mounts = mounts;
  }

  @Override
  public byte[] compile(SwitchPlan plan, int reports, int userNamespace) throws SwitchException {
    int uid = LinuxProcessCalls.running().effectiveUid();
    MountPlaces.make(plan, kernel, mounts.mounter(kernel), uid);
    try {
      return SwitchCompiler.compile(plan, kernel, uid, Machine.current(), reports, userNamespace);
    } catch (UntrustedException e) {
      throw new SwitchException(plan.image().name(), "unsafe root directory: " + e.getMessage());
    } catch (KernelException | LauncherException e) {
      throw new SwitchException(plan.image().name(), "cannot prepare the command", e);
    }
  }
}
