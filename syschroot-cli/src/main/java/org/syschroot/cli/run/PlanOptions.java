// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import java.io.IOException;
import java.util.function.Consumer;
import org.syschroot.caller.CurrentProcess;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.cli.frame.UsageException;
import org.syschroot.image.Image;
import org.syschroot.plan.ImagePlan;
import org.syschroot.plan.SwitchPlan;

/** Turns options into the plan that {@code run} carries out and {@code explain} shows. */
final class PlanOptions {
  private final Site site;
  private final RunOptions options;

  PlanOptions(Site site, RunOptions options) {
    this.site = site;
    this.options = options;
  }

  /** Returns the plan of this process. */
  SwitchPlan bind(ImagePlan plan) throws IOException {
    return plan.bind(CurrentProcess.of(site.kernel()).asStarted());
  }

  /** Returns the plan for whoever carries it out. */
  ImagePlan imagePlan(Subcommand command) throws IOException {
    return imagePlan(command, image -> {});
  }

  /**
   * Returns the plan for whoever carries it out.
   *
   * @param beforehand what is done with the image before the host is looked at
   */
  ImagePlan imagePlan(Subcommand command, Consumer<Image> beforehand) throws IOException {
    try {
      Image image = site.image(options.imageName());
      site.checkRoot(image);
      beforehand.accept(image);
      return site.syschroot().imagePlan(options.request(image));
    } catch (UsageException e) {
      throw command.wrongUsage(e);
    }
  }
}
