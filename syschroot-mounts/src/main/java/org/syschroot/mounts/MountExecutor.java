// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.mountplan.MountStatus.State;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountTable;

/**
 * Mounts what is missing of a plan, all of it or nothing. For one thread at a time.
 *
 * <p>What was mounted before is left, whatever happens; mount points that were made stay.
 */
final class MountExecutor {
  private final Kernel kernel;
  private final MountEngine engine;
  private final MountRecord record;
  private final int imageRoot;

  MountExecutor(Kernel kernel, MountEngine engine, MountRecord record, int imageRoot) {
    this.kernel = kernel;
    this.record = record;
    this.engine = engine;
    this.imageRoot = imageRoot;
  }

  /**
   * Mounts files anew that were replaced since they were mounted, and nothing else.
   *
   * @return how many
   * @throws IOException if one cannot be mounted; it is missing then
   */
  int renew(List<MountSelection.Mount> mounts, MountListener listener) throws IOException {
    TargetSurvey survey =
        new TargetSurvey(kernel, engine.resolver(), imageRoot, MountTable.read(kernel));
    List<MountSelection.Mount> replaced = new ArrayList<>();
    for (MountSelection.Mount mount : mounts) {
      if (!mount.ofDirectory() && isRenewable(survey.of(mount), mount)) {
        replaced.add(mount);
      }
    }
    return replaced.isEmpty() ? 0 : up(replaced, listener);
  }

  /** A file that a program has open stays open; whoever opens it from now on gets the new one. */
  private static boolean isRenewable(TargetSurvey.Finding found, MountSelection.Mount mount) {
    return found.status().state() == State.STALE
        && !mount.ofDirectory()
        && found.entry().isPresent()
        && mount.step() instanceof BindMount;
  }

  /**
   * Mounts in order what is not mounted yet, and files anew that were replaced since.
   *
   * @return how many mounts were made
   * @throws MountException if something else is at a target; then nothing was done
   * @throws IOException if a mount fails; those made before it are taken back in reverse order, and
   *     what could not be is suppressed in the failure
   */
  int up(List<MountSelection.Mount> mounts, MountListener listener) throws IOException {
    Deque<Attached> made = new ArrayDeque<>();
    Map<MountSelection.Mount, Long> ids = new LinkedHashMap<>();
    TargetSurvey survey =
        new TargetSurvey(kernel, engine.resolver(), imageRoot, MountTable.read(kernel));
    try {
      for (MountSelection.Mount mount : mounts) {
        Optional<MountEntry> there = usable(survey, mount);
        if (there.isPresent()) {
          ids.put(mount, (long) there.get().id());
          continue;
        }
        if (made.isEmpty()) {
          record.intend(mounts);
        }
        if (survey.of(mount).status().state() == State.STALE) {
          detachStale(survey.of(mount), mount);
        }
        made.push(make(mount));
        ids.put(mount, made.element().mount().mountId());
        listener.mounted(mount.step());
      }
      if (!made.isEmpty()) {
        record.made(found(ids));
      }
      return made.size();
    } catch (IOException | RuntimeException | Error e) {
      undo(made, e);
      throw e;
    } finally {
      made.forEach(Attached::close);
    }
  }

  private List<MadeMount> found(Map<MountSelection.Mount, Long> ids) throws IOException {
    MountTable table = MountTable.read(kernel);
    List<MadeMount> found = new ArrayList<>();
    for (Map.Entry<MountSelection.Mount, Long> id : ids.entrySet()) {
      MountSelection.Mount mount = id.getKey();
      table
          .byId(id.getValue())
          .ifPresent(
              entry ->
                  found.add(
                      MadeMount.of(
                          mount.step().target().value(), MountRecord.source(mount), entry)));
    }
    return found;
  }

  /** Returns what is mounted already, if it is what is planned. */
  private static Optional<MountEntry> usable(TargetSurvey survey, MountSelection.Mount mount)
      throws IOException {
    try {
      TargetSurvey.Finding finding = survey.of(mount);
      if (isRenewable(finding, mount)) {
        return Optional.empty();
      }
      requireUsable(finding.status(), mount);
      return finding.status().state() == State.MISSING ? Optional.empty() : finding.entry();
    } catch (KernelException e) {
      throw cannotMount(mount, e);
    }
  }

  private Attached make(MountSelection.Mount mount) throws IOException {
    try {
      return engine.mount(imageRoot, mount);
    } catch (KernelException e) {
      throw cannotMount(mount, e);
    }
  }

  /** Nothing can be mounted on a file that was deleted, so the stale mount goes first. */
  private void detachStale(TargetSurvey.Finding found, MountSelection.Mount mount)
      throws IOException {
    try (Descriptor there = engine.resolver().inImage(imageRoot, mount.step().target(), 0)) {
      if (there.mountId() == found.entry().orElseThrow().id()) {
        new NewMount(kernel).detach(there);
      }
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

  private static void requireUsable(MountStatus status, MountSelection.Mount mount)
      throws MountException {
    if (status.state() == State.FOREIGN || status.state() == State.STALE) {
      throw new MountException(
          "cannot mount "
              + mount.step()
              + ": its mount point is "
              + (status.state() == State.FOREIGN ? "in use: " : "stale: ")
              + status.detail()
              + "; unmount it first");
    }
  }

  private void undo(Deque<Attached> made, Throwable cause) {
    for (Attached mount : made) {
      engine.detach(mount, cause);
    }
  }
}
