// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.util.List;
import org.syschroot.caller.Caller;
import org.syschroot.host.HostState;
import org.syschroot.kernel.Kernel;
import org.syschroot.mounting.MountSupport;
import org.syschroot.perform.SwitchRules;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;

/**
 * A host without site code, on which everybody may use every image.
 *
 * @param kernel makes the system calls
 * @param mounts tells what is mounted
 */
public record PlainRules(Kernel kernel, MountSupport mounts) implements SwitchRules {
  @Override
  public SwitchPlan plan(SwitchRequest request, Caller caller) throws SwitchException {
    return request.plan(caller, HostState.running(kernel, mounts, List.of()));
  }

  @Override
  public SwitchListener listener(SwitchPlan plan, SwitchListener own) {
    return own;
  }
}
