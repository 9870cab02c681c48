// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.rules;

import org.syschroot.image.Image;
import org.syschroot.image.MountContributor;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.MountStep;
import org.syschroot.site.Contribution;
import org.syschroot.site.Requester;
import org.syschroot.site.SwitchContributor;

/** A contributor to single commands of a jar, which is named when it fails. Thread-safe. */
final class SiteSwitchContributor {
  private final SwitchContributor code;
  private final SiteOrigin origin;
  private final SiteCalls calls;
  private final String name;

  SiteSwitchContributor(SwitchContributor code, SiteOrigin origin, SiteCalls calls)
      throws SiteCodeException {
    this.code = code;
    this.origin = origin;
    this.calls = calls;
    this.name = SiteCode.name(origin, calls, code::name);
  }

  String name() {
    return name;
  }

  Contribution contribute(Image image, HostFiles host, Requester requester)
      throws SiteCodeException {
    return calls.inTime(origin, "contribute", () -> code.contribute(image, host, requester));
  }

  /** Returns what adds the mounts of a contribution, named as this is. */
  MountContributor mounts(Contribution contribution) throws SiteCodeException {
    MountContributor mounts =
        new MountContributor() {
          @Override
          public String name() {
            return name;
          }

          @Override
          public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
            MountPlan more = plan;
            for (MountStep step : contribution.mounts()) {
              more = more.plus(step);
            }
            return more;
          }
        };
    return new SiteContributor(mounts, origin, calls);
  }
}
