// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.site;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.syschroot.image.EnvironmentChanges;
import org.syschroot.mountplan.MountStep;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.Limit;

/**
 * Mounts, environment changes and limits that an extension adds to one command. Immutable; made
 * from {@link #NONE}.
 *
 * @param mounts further mounts, in this order; those not mounted yet are made in a private mount
 *     namespace
 * @param environment changes of the environment, after those of the image's settings and before
 *     those that the request asks for
 * @param limits limits of resources, soft and hard; the lowest of all that are asked for counts
 */
public record Contribution(
    List<MountStep> mounts, EnvironmentChanges environment, Map<Limit, Long> limits) {
  /** Nothing. */
  public static final Contribution NONE =
      new Contribution(List.of(), EnvironmentChanges.NONE, Map.of());

  /** Copies the collections. */
  public Contribution {
    mounts = List.copyOf(mounts);
    limits = Map.copyOf(limits);
  }

  /** Returns this with a further mount. */
  public Contribution mount(MountStep step) {
    List<MountStep> more = new ArrayList<>(mounts);
    more.add(step);
    return new Contribution(more, environment, limits);
  }

  /**
   * Returns this with a further variable.
   *
   * @throws IllegalArgumentException if the name is empty or contains {@code =}
   */
  public Contribution variable(String name, String value) {
    Map<OsString, OsString> more = new LinkedHashMap<>(environment.set());
    more.put(OsString.of(name), OsString.of(value));
    return new Contribution(mounts, new EnvironmentChanges(more, environment.unset()), limits);
  }

  /**
   * Returns this with a further limit, as {@link org.syschroot.plan.SwitchRequest#limit} sets it.
   *
   * @param value in the unit of the resource
   * @throws IllegalArgumentException if it is negative
   */
  public Contribution limit(Limit resource, long value) {
    KernelStep.SetLimit.checkValue(resource, value);
    Map<Limit, Long> more = new HashMap<>(limits);
    more.merge(resource, value, Math::min);
    return new Contribution(mounts, environment, more);
  }
}
