// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.host.HostState;
import org.syschroot.host.MountProblem;
import org.syschroot.image.Image;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;

/**
 * What a switch makes of what is mounted in the image already: a new mount namespace begins with
 * the mounts of the caller's. Immutable.
 *
 * @param missing what is to be mounted, in order
 * @param replaced those of {@code missing} that are mounted over a stale mount
 */
record PlannedMounts(List<MountSelection.Mount> missing, List<MountStatus> replaced) {
  /** Copies the lists. */
  PlannedMounts {
    missing = List.copyOf(missing);
    replaced = List.copyOf(replaced);
  }

  /**
   * Looks what is mounted.
   *
   * @throws SwitchException if something else is mounted at a target, so that the command would see
   *     other files than planned; or if a mount is stale, and either the command is to have no
   *     mounts of its own or its source is stale too
   */
  static PlannedMounts of(SwitchRequest request, HostState host, MountSelection selection)
      throws SwitchException {
    Image image = request.image();
    List<MountSelection.Mount> missing = new ArrayList<>();
    List<MountStatus> replaced = new ArrayList<>();
    for (MountStatus status : statuses(image, host, selection)) {
      MountSelection.Mount mount = status.planned().orElseThrow();
      switch (status.state()) {
        case FOREIGN -> {
          if (isReplaced(request, mount)) {
            missing.add(mount); // over the image's own
            break;
          }
          throw problem(image, status);
        }
        case STALE -> {
          requireReplaceable(request, host, status);
          replaced.add(status);
          missing.add(mount);
        }
        case MISSING -> missing.add(mount);
        default -> {
          if (isBeneath(status, replaced) || isBeneath(status, request.furtherMounts())) {
            missing.add(mount);
          }
        }
      }
    }
    return new PlannedMounts(missing, replaced);
  }

  private static List<MountStatus> statuses(Image image, HostState host, MountSelection selection)
      throws SwitchException {
    try {
      return host.mounts().of(image.root(), selection);
    } catch (IOException e) {
      throw new SwitchException(image.name(), "cannot read the mounts of the image", e);
    }
  }

  /** The command is to have this mount where the image's settings have another. */
  private static boolean isReplaced(SwitchRequest request, MountSelection.Mount mount) {
    return request.mountNamespace() != MountNamespace.SHARED
        && request.furtherMounts().steps().contains(mount.step());
  }

  /** A mount that was there is hidden by the new one above it. */
  private static boolean isBeneath(MountStatus status, List<MountStatus> replaced) {
    for (MountStatus above : replaced) {
      if (status.target().startsWith(above.target())) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBeneath(MountStatus status, MountPlan further) {
    return further.steps().stream()
        .anyMatch(
            above ->
                status.target().startsWith(above.target())
                    && !status.target().equals(above.target()));
  }

  private static void requireReplaceable(SwitchRequest request, HostState host, MountStatus status)
      throws SwitchException {
    boolean hasSource =
        status.planned().orElseThrow().step() instanceof BindMount bind
            && host.files().kind(bind.source()).isSeen();
    if (request.mountNamespace() == MountNamespace.SHARED || !hasSource) {
      throw problem(request.image(), status);
    }
  }

  private static SwitchException problem(Image image, MountStatus status) {
    MountProblem problem = MountProblem.of(image.name(), status).orElseThrow();
    return new SwitchException(image.name(), problem.text());
  }
}
