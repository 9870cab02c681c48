// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import java.io.IOException;
import java.util.Optional;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.OwnProcess;
import org.syschroot.cli.frame.Site;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.path.HostPath;
import org.syschroot.plan.ImagePlan;
import org.syschroot.start.NotCachedException;
import org.syschroot.start.ReadMoment;
import org.syschroot.start.StartCache;
import org.syschroot.start.StartCall;
import org.syschroot.start.StartEntry;
import org.syschroot.start.StartRecorder;

/**
 * Leaves the plan of a start for the next one, which the start script then executes without a JVM.
 * To be created before the configuration is read.
 */
final class CachedStart {
  private final Site site;
  private final RunOptions options;
  private final Optional<HostPath> file = OwnProcess.cachedStart();
  private final Optional<ReadMoment> moment = file.map(known -> ReadMoment.now());

  CachedStart(Site site, RunOptions options) {
    this.site = site;
    this.options = options;
  }

  /** Leaves a plan; one that cannot be left costs the next start its time and nothing else. */
  void leave(ImagePlan plan, Console console) {
    if (file.isEmpty() || !options.mayBeCached()) {
      return;
    }
    try {
      StartEntry entry = entry(plan);
      new StartCache(site.kernel(), LinuxTreeCalls.running(), site.effectiveUid())
          .write(file.get(), entry);
    } catch (NotCachedException | IOException e) {
      console.detail(plan.image().name() + ": not cached: " + e.getMessage());
    }
  }

  /** Returns why a plan would not be left, or empty if it would. */
  Optional<String> refusal(ImagePlan plan) throws IOException {
    if (!options.mayBeCached()) {
      return Optional.of("--no-cache");
    }
    if (file.isEmpty()) {
      return Optional.of(OwnProcess.startIsNotCached());
    }
    try {
      entry(plan);
      return Optional.empty();
    } catch (NotCachedException e) {
      return Optional.of(e.getMessage());
    }
  }

  private StartEntry entry(ImagePlan plan) throws NotCachedException, IOException {
    if (!site.catalog().problems().isEmpty()) {
      throw new NotCachedException("each start tells of a configuration file that is wrong");
    }
    return new StartRecorder(site.kernel(), LinuxTreeCalls.running(), site.effectiveUid())
        .record(
            plan,
            moment.orElseThrow(),
            site.directories(),
            site.loadsSiteCode(),
            new StartCall(
                OwnProcess.keyOfStart(), OwnProcess.programOfStart(), OwnProcess.timeOfStart()));
  }
}
