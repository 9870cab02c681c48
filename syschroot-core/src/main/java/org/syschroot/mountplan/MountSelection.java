// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mountplan;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a plan that apply on a host. Immutable.
 *
 * @param mounts what is to be mounted, in order
 * @param skipped what is left out, and why
 */
public record MountSelection(List<Mount> mounts, List<Skipped> skipped) {
  /** Copies the lists. */
  public MountSelection {
    mounts = List.copyOf(mounts);
    skipped = List.copyOf(skipped);
  }

  /**
   * A step to be carried out.
   *
   * @param step the step
   * @param ofDirectory whether the mount point is a directory, else it is a file
   * @param contributor the name of the site code that added it; empty if it was configured
   */
  public record Mount(MountStep step, boolean ofDirectory, String contributor) {
    /** Creates a mount of the configuration. */
    public Mount(MountStep step, boolean ofDirectory) {
      this(step, ofDirectory, "");
    }

    /** Returns this mount with the name of the site code that added it. */
    public Mount contributedBy(String name) {
      return new Mount(step, ofDirectory, name);
    }
  }

  /**
   * A step that is left out.
   *
   * @param step the step
   * @param reason why, for people to read
   */
  public record Skipped(MountStep step, String reason) {}

  static MountSelection select(List<MountStep> steps, HostFiles host) {
    List<Mount> mounts = new ArrayList<>();
    List<Skipped> skipped = new ArrayList<>();
    TargetTree<MountStep> chosen = new TargetTree<>();
    for (MountStep step : steps) {
      if (!(step instanceof BindMount bind)) {
        mounts.add(new Mount(step, true));
        chosen.put(step.target(), step);
        continue;
      }

      HostFiles.Kind kind = host.kind(bind.source());
      BindMount carrier = carrier(chosen, bind);
      if (!kind.isSeen() && bind.optional()) {
        skipped.add(new Skipped(bind, "the host has no " + bind.source()));
      } else if (carrier != null) {
        skipped.add(new Skipped(bind, "comes along with " + carrier.source()));
      } else {
        boolean isFile = kind == HostFiles.Kind.FILE || bind.options().contains(MountOption.FILE);
        mounts.add(new Mount(bind, !isFile));
        chosen.put(bind.target(), bind);
      }
    }
    return new MountSelection(mounts, skipped);
  }

  /**
   * Only the nearest mount above a target is seen there: in a plan, where none hides an earlier
   * one, that is the last.
   */
  private static @Nullable BindMount carrier(TargetTree<MountStep> mounts, BindMount bind) {
    MountStep above = mounts.nearestAtOrAbove(bind.target());
    return above instanceof BindMount bindMount && bindMount.bringsAlong(bind) ? bindMount : null;
  }
}
