// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mountplan;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;

/**
 * The mounts of an image in their order: parents before children, one source for each target, and
 * no step that hides an earlier one. Immutable and thread-safe.
 *
 * <p>Use it to describe an image in code, or in a {@link org.syschroot.image.MountContributor} to
 * change what the configuration says.
 *
 * <pre>{@code
 * MountPlan plan =
 *     MountPlan.standard()
 *         .plus(BindMount.of(HostPath.of("/data"), MountOption.READ_ONLY))
 *         .plus(new TmpfsMount(ImagePath.of("/scratch"), OsString.of("size=1g")))
 *         .without(ImagePath.of("/tmp"));
 * }</pre>
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

  /**
   * Returns the directories with the sockets of daemons that know users and groups: nscd, nslcd and
   * sssd. Programs look for the first two in {@code /var/run}, which is a link to {@code /run} in
   * newer images.
   */
  public static MountPlan nameServices() {
    Builder plan = builder();
    for (String daemon : List.of("nscd", "nslcd")) {
      plan.add(
          BindMount.of(HostPath.of("/run/" + daemon), MountOption.OPTIONAL)
              .at(ImagePath.of("/var/run/" + daemon)));
    }
    plan.add(BindMount.of(HostPath.of("/var/lib/sss/pipes"), MountOption.OPTIONAL));
    return plan.build();
  }

  private static MountPlan optional(List<String> paths) {
    Builder plan = builder();
    for (String path : paths) {
      plan.add(BindMount.of(HostPath.of(path), MountOption.OPTIONAL));
    }
    return plan.build();
  }

  /** Returns a builder, for plans of many steps. */
  public static Builder builder() {
    return new Builder();
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
    return builder().add(this).add(step).build();
  }

  /** An optional mount and a required one of the same source are the same mount. */
  private static boolean sameMount(MountStep a, MountStep b) {
    return a.equals(b)
        || (a instanceof BindMount one && b instanceof BindMount other && one.bringsAlong(other));
  }

  /**
   * Returns this plan followed by the steps of another.
   *
   * @throws IllegalArgumentException as {@link #plus(MountStep)}
   */
  public MountPlan plus(MountPlan other) {
    return builder().add(this).add(other).build();
  }

  /** Returns this plan without the step for a target, if there is one. */
  public MountPlan without(ImagePath target) {
    return new MountPlan(steps.stream().filter(step -> !step.target().equals(target)).toList());
  }

  /**
   * Returns this plan with a step in place of the one for the same target, or with one more step.
   *
   * @throws IllegalArgumentException as {@link #plus(MountStep)}
   */
  public MountPlan replacing(MountStep step) {
    if (steps.stream().noneMatch(other -> other.target().equals(step.target()))) {
      return plus(step);
    }
    return new MountPlan(
        steps.stream()
            .map(
                other ->
                    other.target().equals(step.target()) && !sameMount(other, step) ? step : other)
            .toList());
  }

  /**
   * Returns this plan with the steps of another, each as {@link #replacing(MountStep)} does.
   *
   * @throws IllegalArgumentException as {@link #plus(MountStep)}
   */
  public MountPlan replacing(MountPlan other) {
    MountPlan plan = this;
    for (MountStep step : other.steps) {
      plan = plan.replacing(step);
    }
    return plan;
  }

  /** Returns which of the steps apply on a host, and why the others do not. */
  public MountSelection on(HostFiles host) {
    return MountSelection.select(steps, host);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MountPlan mountPlan && mountPlan.steps.equals(steps);
  }

  @Override
  public int hashCode() {
    return steps.hashCode();
  }

  @Override
  public String toString() {
    return steps.toString();
  }

  /** Builder of a plan; adding a step takes time in proportion to its length. Not thread-safe. */
  public static final class Builder {
    private final List<MountStep> steps = new ArrayList<>();
    private final TargetTree<MountStep> targets = new TargetTree<>();

    private Builder() {}

    /**
     * Adds a step. One that is already there is not added twice.
     *
     * @throws IllegalArgumentException as {@link MountPlan#plus(MountStep)}
     */
    public Builder add(MountStep step) {
      MountStep same = targets.at(step.target());
      if (same != null) {
        if (sameMount(same, step)) {
          return this;
        }
        throw new IllegalArgumentException(
            "two mounts for "
                + step.target()
                + ": \""
                + same
                + "\" and \""
                + step
                + "\": remove one of them");
      }
      MountStep hidden = targets.firstAtOrBeneath(step.target());
      if (hidden != null) {
        throw new IllegalArgumentException(
            "\""
                + step
                + "\" would hide \""
                + hidden
                + "\", which is mounted before it: put \""
                + step
                + "\" first");
      }
      targets.put(step.target(), step);
      steps.add(step);
      return this;
    }

    /**
     * Adds the steps of a plan.
     *
     * @throws IllegalArgumentException as {@link #add(MountStep)}
     */
    public Builder add(MountPlan plan) {
      plan.steps.forEach(this::add);
      return this;
    }

    /** Returns the plan. */
    public MountPlan build() {
      return new MountPlan(List.copyOf(steps));
    }
  }
}
