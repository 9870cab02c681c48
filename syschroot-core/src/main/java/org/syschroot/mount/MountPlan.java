// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mount;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;

/**
 * What is to be mounted in an image, in order: parents before children, one source for a target,
 * and no step that hides an earlier one. Immutable and thread-safe.
 */
public final class MountPlan {
  private static final List<String> STANDARD =
      List.of("/dev", "/dev/pts", "/dev/shm", "/proc", "/sys", "/tmp", "/selinux");
  private static final List<String> DESKTOP =
      List.of("/tmp/.X11-unix", "/tmp/.ICE-unix", "/run/user", "/run/dbus");
  private static final MountPlan EMPTY = new MountPlan(List.of());

  private final List<MountStep> steps;

  private MountPlan(List<MountStep> steps) {
    this.steps = steps;
  }

  /** Returns the plan that mounts nothing. */
  public static MountPlan empty() {
    return EMPTY;
  }

  /**
   * Returns the file systems that programs expect of any Linux: /dev, /dev/pts, /dev/shm, /proc,
   * /sys, /tmp and /selinux, each only if the native system has it.
   */
  public static MountPlan standard() {
    return optional(STANDARD);
  }

  /**
   * Returns what graphical programs need to reach the desktop they are started from: the sockets of
   * X11 and of session managers, the users' runtime directories (Wayland, D-Bus, sound; what is
   * mounted there at a login appears in the image too), and the socket of the system's D-Bus.
   */
  public static MountPlan desktop() {
    return optional(DESKTOP);
  }

  private static MountPlan optional(List<String> paths) {
    MountPlan plan = EMPTY;
    for (String path : paths) {
      plan = plan.plus(BindMount.of(HostPath.of(path), MountOption.OPTIONAL));
    }
    return plan;
  }

  /** Returns the steps in the order in which they are mounted. */
  public List<MountStep> steps() {
    return steps;
  }

  /**
   * Returns this plan with one more step. A step that is already there is not added twice.
   *
   * @throws IllegalArgumentException if its target has another source already, or if it would hide
   *     an earlier step; the message says which
   */
  public MountPlan plus(MountStep step) {
    for (MountStep earlier : steps) {
      if (earlier.target().equals(step.target())) {
        if (sameMount(earlier, step)) {
          return this;
        }
        throw new IllegalArgumentException(
            "two mounts for "
                + step.target()
                + ": \""
                + earlier
                + "\" and \""
                + step
                + "\": remove one of them");
      }
      if (earlier.target().startsWith(step.target())) {
        throw new IllegalArgumentException(
            "\""
                + step
                + "\" would hide \""
                + earlier
                + "\", which is mounted before it: put \""
                + step
                + "\" first");
      }
    }
    List<MountStep> longer = new ArrayList<>(steps);
    longer.add(step);
    return new MountPlan(List.copyOf(longer));
  }

  /** An optional mount and a required one of the same source are the same mount. */
  private static boolean sameMount(MountStep a, MountStep b) {
    return a.equals(b)
        || (a instanceof BindMount
            && b instanceof BindMount
            && ((BindMount) a).bringsAlong((BindMount) b));
  }

  /**
   * Returns this plan followed by the steps of another.
   *
   * @throws IllegalArgumentException as {@link #plus(MountStep)}
   */
  public MountPlan plus(MountPlan other) {
    MountPlan plan = this;
    for (MountStep step : other.steps) {
      plan = plan.plus(step);
    }
    return plan;
  }

  /** Returns this plan without the step for a target, if there is one. */
  public MountPlan without(ImagePath target) {
    return new MountPlan(steps.stream().filter(step -> !step.target().equals(target)).toList());
  }

  /** Returns which of the steps apply on a host, and why the others do not. */
  public MountSelection on(HostFiles host) {
    return MountSelection.select(steps, host);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MountPlan && ((MountPlan) other).steps.equals(steps);
  }

  @Override
  public int hashCode() {
    return steps.hashCode();
  }

  @Override
  public String toString() {
    return steps.toString();
  }
}
