// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.mount.MountSelection;
import org.syschroot.mounts.MountStatus.State;

/**
 * Mounts what is missing of a plan, all of it or nothing. For one thread at a time.
 *
 * <p>What was mounted before is left, whatever happens; mount points that were made stay.
 */
final class MountExecutor {
  private final Kernel kernel;
  private final MountEngine engine;
  private final int imageRoot;

  MountExecutor(Kernel kernel, MountEngine engine, int imageRoot) {
    this.kernel = kernel;
    this.engine = engine;
    this.imageRoot = imageRoot;
  }

  /**
   * Mounts in order what is not mounted yet.
   *
   * @return how many mounts were made
   * @throws MountException if something else is at a target; then nothing was done
   * @throws IOException if a mount fails; those made before it are taken back in reverse order, and
   *     what could not be is suppressed in the failure
   */
  int up(List<MountSelection.Mount> mounts, MountListener listener) throws IOException {
    Deque<MountEngine.Made> made = new ArrayDeque<>();
    MountSurvey survey =
        new MountSurvey(kernel, engine.resolver(), imageRoot, MountTable.read(kernel));
    try {
      for (MountSelection.Mount mount : mounts) {
        if (isMissing(survey, mount)) {
          made.push(make(mount));
          listener.mounted(mount.step());
        }
      }
      return made.size();
    } catch (IOException | RuntimeException | Error e) {
      undo(made, e);
      throw e;
    }
  }

  private static boolean isMissing(MountSurvey survey, MountSelection.Mount mount)
      throws IOException {
    try {
      MountStatus status = survey.of(mount).status();
      requireUsable(status);
      return status.state() == State.MISSING;
    } catch (KernelException e) {
      throw cannotMount(mount, e);
    }
  }

  private MountEngine.Made make(MountSelection.Mount mount) throws IOException {
    try {
      return engine.mount(imageRoot, mount);
    } catch (KernelException e) {
      throw cannotMount(mount, e);
    }
  }

  private static MountException cannotMount(MountSelection.Mount mount, KernelException cause) {
    MountException failure =
        new MountException("cannot mount " + mount.step() + ": " + cause.getMessage(), cause);
    for (Throwable further : cause.getSuppressed()) {
      failure.addSuppressed(further);
    }
    return failure;
  }

  private static void requireUsable(MountStatus status) throws MountException {
    if (status.state() == State.FOREIGN || status.state() == State.STALE) {
      throw new MountException(
          "cannot mount "
              + status.mount().step()
              + ": its target is "
              + (status.state() == State.FOREIGN ? "taken: " : "stale: ")
              + status.detail()
              + "; unmount that first");
    }
  }

  private void undo(Deque<MountEngine.Made> made, Throwable cause) {
    for (MountEngine.Made mount : made) {
      try {
        engine.detach(imageRoot, mount);
      } catch (IOException e) {
        cause.addSuppressed(e);
      }
    }
  }
}
