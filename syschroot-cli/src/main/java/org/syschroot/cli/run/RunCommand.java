// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.batch.Scheduler;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.NoSuchImageException;
import org.syschroot.cli.frame.OwnProcess;
import org.syschroot.cli.frame.Renewals;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.cli.frame.UnknownWord;
import org.syschroot.cli.submit.JobSubmission;
import org.syschroot.describe.StepDescription;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Kernel;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.path.OsString;
import org.syschroot.plan.ImagePlan;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;

/** {@code syschroot run}: becomes the command. */
public final class RunCommand extends Subcommand {
  private final RunOptions options = new RunOptions();
  private @Nullable UnknownWord word;

  public RunCommand(Console console, Kernel kernel) {
    super("run", "Run a command in an image", console, kernel);
    details(
        "COMMAND replaces this process: process ID, user, working directory, environment,"
            + " terminal and open files stay the same. Without COMMAND, runs the image's shell.");
    options.declareIn(spec());
    spec().usageMessage().customSynopsis("syschroot run [OPTIONS] IMAGE [--] [COMMAND [ARG...]]");
  }

  /** Notes that the command line has no subcommand, so its first word may be a mistyped one. */
  public void calledByImage(UnknownWord first) {
    word = first;
  }

  @Override
  protected int run() throws IOException {
    Site site = site();
    CachedStart cached = new CachedStart(site, options);
    SwitchPlan plan;
    try {
      Renewals renewals = new Renewals(site, console);
      // Whom a directory service knows is in no file: the command's user is to have a name.
      Set<String> user = Set.of(options.userName().orElse(Integer.toString(site.effectiveUid())));
      PlanOptions planned = new PlanOptions(site, options);
      ImagePlan imagePlan = planned.imagePlan(this, image -> renewals.renewIfPossible(image, user));
      plan = planned.bind(imagePlan);
      cached.leave(imagePlan, console);
    } catch (NoSuchImageException e) {
      if (word != null) {
        console.error("\"" + word.word() + "\" is neither a command of syschroot nor an image");
        console.hint(word.hint(e.near()));
        return ExitStatus.USAGE;
      }
      return submitInstead(site, e);
    }
    console.flush();
    OwnProcess.firstThread().restore();
    site.syschroot().exec(plan, new Reporter(console));
    return ExitStatus.FAILED;
  }

  /** Called by a name that is no image's, such as {@code qsub4}, this is a submission. */
  private int submitInstead(Site site, NoSuchImageException noImage) throws IOException {
    String name = OwnProcess.invokedAs();
    Optional<Image> image = site.catalog().submittedToBy(name);
    if (image.isEmpty() || !options.isImage(name)) {
      throw noImage;
    }
    Scheduler scheduler = Scheduler.of(image.get().submit().get());
    return new JobSubmission(site, console, image.get(), scheduler).submit(options.command());
  }

  /** Tells the user what must not happen silently. */
  private static final class Reporter implements SwitchListener {
    private final Console console;

    Reporter(Console console) {
      this.console = console;
    }

    @Override
    public void beforeStep(KernelStep step) {
      if (console.isVerbose()) {
        console.detail(StepDescription.of(step).text());
      }
    }

    @Override
    public void mountReplaced(ImageName image, MountStatus stale) {
      console.notice(
          image
              + ": "
              + stale.target()
              + " is stale ("
              + stale.detail()
              + "): mounted again for this command; to renew it for all: \"syschroot umount "
              + image
              + "\" and \"syschroot mount "
              + image
              + "\"");
    }

    @Override
    public void beforeStart(SwitchPlan plan) {
      if (!plan.missingMounts().isEmpty()) {
        StringBuilder targets = new StringBuilder();
        for (MountSelection.Mount mount : plan.missingMounts()) {
          targets.append(' ').append(mount.step().target());
        }
        console.notice(plan.image().name() + ": not mounted, because of --shared:" + targets);
      }
    }

    @Override
    public void directoryReplaced(ImageName image, String reason, OsString directory) {
      console.error(image + ": " + reason + "; starting in " + directory);
    }

    @Override
    public void otherDirectory(ImageName image, OsString directory) {
      console.error(
          image
              + ": "
              + directory
              + " in the image is not "
              + directory
              + " of the host: files you write here stay in the image");
    }
  }
}
