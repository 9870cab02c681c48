// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.submit;

import java.io.IOException;
import java.util.List;
import org.syschroot.batch.BatchJob;
import org.syschroot.batch.BatchLauncher;
import org.syschroot.batch.JobDirectories;
import org.syschroot.batch.Scheduler;
import org.syschroot.batch.SchedulerCall;
import org.syschroot.batch.SchedulerFiles;
import org.syschroot.batch.ScriptFiles;
import org.syschroot.batch.Submission;
import org.syschroot.batch.SubmitCheck;
import org.syschroot.caller.Caller;
import org.syschroot.caller.CurrentProcess;
import org.syschroot.caller.WorkingDirectory;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.OwnProcess;
import org.syschroot.cli.frame.Site;
import org.syschroot.image.Image;
import org.syschroot.path.OsString;
import org.syschroot.plan.MountNamespace;
import org.syschroot.plan.SwitchRequest;

/** One job on its way to a scheduler. For one thread. */
public final class JobSubmission {
  private final Site site;
  private final Console console;
  private final Image image;
  private final Scheduler scheduler;
  private boolean dryRun;
  private boolean unchecked;

  public JobSubmission(Site site, Console console, Image image, Scheduler scheduler) {
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
  public int submit(List<OsString> arguments) throws IOException {
    Caller caller = CurrentProcess.of(site.kernel()).asStarted();
    if (caller.directory().equals(WorkingDirectory.UNNAMED)) {
      throw new IOException(
          "the working directory has no pathname (deleted, too long, or outside the root"
              + " directory), and a job starts in it: change to another directory");
    }
    Submission submission = scheduler.submission(job(caller, arguments));
    if (!unchecked) {
      new SubmitCheck(site.access(), image).check(submission);
      if (submission.launcher().isPresent()) {
        tellSharedDirectories();
      }
    }
    SchedulerCall call =
        new SchedulerCall(site.kernel(), site.effectiveUid(), image, submission, caller);
    if (dryRun) {
      console.print(call.text());
      return ExitStatus.OK;
    }
    console.flush();
    call.execute(OwnProcess.firstThread());
    return ExitStatus.FAILED;
  }

  private void tellSharedDirectories() throws IOException {
    List<String> shared =
        new JobDirectories(SchedulerFiles.running())
            .missedBy(image, site.plannedMounts(image), scheduler);
    if (!shared.isEmpty()) {
      console.notice(
          image.name()
              + ": the job sees "
              + String.join(" and ", shared)
              + " of the node in the image, not its own\nhint: an administrator can set mounts ="
              + " \"entry\" in [launchers] of the image's file, then: syschroot link "
              + image.name());
    }
  }

  private BatchJob job(Caller caller, List<OsString> arguments) throws IOException {
    return new BatchJob(
        image.name().value(),
        image.root(),
        rootSuffices(),
        BatchLauncher.of(image),
        arguments,
        caller.variable("SHELL"),
        new ScriptFiles(System.in));
  }

  /** Returns whether a scheduler that changes root by itself does all that the image asks for. */
  private boolean rootSuffices() throws IOException {
    // Only asked for where there is no launcher, and that takes a look at the image.
    return BatchLauncher.of(image).isEmpty()
        && SwitchRequest.in(image)
            .mountNamespace(MountNamespace.SHARED)
            .plan(site.syschroot().site().hostState())
            .isBareChroot();
  }
}
