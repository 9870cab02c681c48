// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.batch.BatchJob;
import org.syschroot.batch.BatchLauncher;
import org.syschroot.batch.Scheduler;
import org.syschroot.batch.Submission;
import org.syschroot.image.Image;
import org.syschroot.path.OsString;
import org.syschroot.plan.Caller;
import org.syschroot.plan.CurrentProcess;
import org.syschroot.plan.MountNamespace;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.plan.WorkingDirectory;

/** One job on its way to a scheduler. For one thread. */
final class JobSubmission {
  private final Site site;
  private final Console console;
  private final Image image;
  private final Scheduler scheduler;
  private boolean dryRun;
  private boolean unchecked;

  JobSubmission(Site site, Console console, Image image, Scheduler scheduler) {
    this.site = site;
    this.console = console;
    this.image = image;
    this.scheduler = scheduler;
  }

  JobSubmission dryRun(boolean only) {
    dryRun = only;
    return this;
  }

  JobSubmission unchecked(boolean without) {
    unchecked = without;
    return this;
  }

  /** Becomes the scheduler's command, so that its status and messages are the user's. */
  int submit(List<OsString> arguments) throws IOException {
    Caller caller = CurrentProcess.of(site.kernel()).asStarted();
    if (caller.directory().equals(WorkingDirectory.UNNAMED)) {
      throw new IOException(
          "the working directory has no pathname (deleted, too long, or outside the root"
              + " directory), and a job starts where it is submitted: change to another");
    }
    Submission submission = scheduler.submission(job(caller, arguments));
    if (!unchecked) {
      new SubmitCheck(site, image).check(submission);
    }
    SchedulerCall call = new SchedulerCall(site, image, submission, caller);
    if (dryRun) {
      console.print(call.text());
      return ExitStatus.OK;
    }
    console.flush();
    call.execute();
    return ExitStatus.FAILED;
  }

  private BatchJob job(Caller caller, List<OsString> arguments) throws IOException {
    return new BatchJob(
        image.name().value(),
        image.root(),
        rootSuffices(),
        launchers(image),
        arguments,
        caller.variable("SHELL"),
        new ScriptFiles());
  }

  static List<BatchLauncher> launchers(Image image) {
    List<BatchLauncher> launchers = new ArrayList<>();
    image
        .launchers()
        .ifPresent(
            configured ->
                Link.of(image, configured)
                    .forEach(link -> launchers.add(new BatchLauncher(link.path(), link.name()))));
    return launchers;
  }

  /** Returns whether a scheduler that changes root by itself does all that the image asks for. */
  private boolean rootSuffices() throws IOException {
    // Only asked for where there is no launcher, and that takes a look at the image.
    return launchers(image).isEmpty()
        && SwitchRequest.in(image)
            .mountNamespace(MountNamespace.SHARED)
            .plan(site.syschroot().site().hostState())
            .isBareChroot();
  }

  /** Returns the launcher of an image as a whole, if it has one. */
  static Optional<BatchLauncher> ofImage(Image image) {
    return launchers(image).stream().filter(one -> one.program().isEmpty()).findFirst();
  }
}
