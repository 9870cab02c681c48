// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.rules;

import java.io.UncheckedIOException;
import java.util.List;
import org.syschroot.image.ImageName;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;

/**
 * Tells the listeners of a site what happens, after the one of the program itself. A listener of
 * the site that fails ends the start by a {@link SiteCodeException} in an {@link
 * UncheckedIOException}, as long as there is no command. For one start.
 */
final class SiteListeners implements SwitchListener {
  private final SwitchListener own;
  private final List<Listener> others;
  private final SiteCalls calls;

  /** A listener of a jar. */
  record Listener(SwitchListener code, SiteOrigin origin) {}

  /** A call of one of its methods. */
  private interface Call {
    void make(SwitchListener listener);
  }

  SiteListeners(SwitchListener own, List<Listener> others, SiteCalls calls) {
    this.own = own;
    this.others = others;
    this.calls = calls;
  }

  @Override
  public void beforeStart(SwitchPlan plan) {
    own.beforeStart(plan);
    for (Listener other : others) {
      try {
        calls.inTime(
            other.origin(),
            "beforeStart",
            () -> {
              other.code().beforeStart(plan);
              return plan;
            });
      } catch (SiteCodeException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void mountReplaced(ImageName image, MountStatus stale) {
    own.mountReplaced(image, stale);
    ask("mountReplaced", listener -> listener.mountReplaced(image, stale));
  }

  @Override
  public void mountMissing(ImageName image, MountSelection.Mount mount) {
    own.mountMissing(image, mount);
    ask("mountMissing", listener -> listener.mountMissing(image, mount));
  }

  @Override
  public void beforeStep(KernelStep step) {
    own.beforeStep(step);
    ask("beforeStep", listener -> listener.beforeStep(step));
  }

  @Override
  public void directoryReplaced(ImageName image, String reason, OsString directory) {
    own.directoryReplaced(image, reason, directory);
    ask("directoryReplaced", listener -> listener.directoryReplaced(image, reason, directory));
  }

  @Override
  public void otherDirectory(ImageName image, OsString directory) {
    own.otherDirectory(image, directory);
    ask("otherDirectory", listener -> listener.otherDirectory(image, directory));
  }

  private void ask(String method, Call call) {
    for (Listener other : others) {
      try {
        calls.here(other.origin(), method, () -> call.make(other.code()));
      } catch (SiteCodeException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void started(SwitchPlan plan, long pid) {
    own.started(plan, pid);
    tell("started", listener -> listener.started(plan, pid));
  }

  @Override
  public void notStarted(SwitchPlan plan, SwitchException reason) {
    own.notStarted(plan, reason);
    tell("notStarted", listener -> listener.notStarted(plan, reason));
  }

  @Override
  public void ended(SwitchPlan plan, long pid, int exitStatus) {
    own.ended(plan, pid, exitStatus);
    tell("ended", listener -> listener.ended(plan, pid, exitStatus));
  }

  private void tell(String method, Call call) {
    for (Listener other : others) {
      calls.told(other.origin(), method, () -> call.make(other.code()));
    }
  }
}
