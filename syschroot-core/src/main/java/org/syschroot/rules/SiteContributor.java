// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.rules;

import java.io.UncheckedIOException;
import org.syschroot.image.Image;
import org.syschroot.image.MountContributor;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;

/**
 * A contributor of a jar, which is named when it fails. Failures are {@link SiteCodeException}s in
 * an {@link UncheckedIOException}. Thread-safe.
 */
final class SiteContributor implements MountContributor {
  private final MountContributor code;
  private final SiteOrigin origin;
  private final SiteCalls calls;
  private final String name;

  SiteContributor(MountContributor code, SiteOrigin origin, SiteCalls calls)
      throws SiteCodeException {
    this.code = code;
    this.origin = origin;
    this.calls = calls;
    this.name = SiteCode.name(origin, calls, code::name);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
    try {
      return calls.inTime(origin, "contribute", () -> code.contribute(image, host, plan));
    } catch (SiteCodeException e) {
      throw new UncheckedIOException(e);
    }
  }
}
