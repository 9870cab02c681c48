// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.site;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.syschroot.image.EnvironmentChanges;
import org.syschroot.mount.MountStep;
import org.syschroot.path.OsString;

/**
 * What site code adds to one command. Immutable; made from {@link #NONE}.
 *
 * @param mounts further mounts, in this order; those not mounted yet are made in a private mount
 *     namespace
 * @param environment changes of the environment, after those of the image's settings and before
 *     those that the request asks for
 */
public record Contribution(List<MountStep> mounts, EnvironmentChanges environment) {
  /** Nothing. */
  public static final Contribution NONE = new Contribution(List.of(), EnvironmentChanges.NONE);

  /** Copies the list. */
  public Contribution {
    mounts = List.copyOf(mounts);
  }

  /** Returns this with a further mount. */
  public Contribution mount(MountStep step) {
    List<MountStep> more = new ArrayList<>(mounts);
    more.add(step);
    return new Contribution(more, environment);
  }

  /**
   * Returns this with a further variable.
   *
   * @throws IllegalArgumentException if the name is empty or contains {@code =}
   */
  public Contribution variable(String name, String value) {
    Map<OsString, OsString> more = new LinkedHashMap<>(environment.set());
    more.put(OsString.of(name), OsString.of(value));
    return new Contribution(mounts, new EnvironmentChanges(more, environment.unset()));
  }
}
