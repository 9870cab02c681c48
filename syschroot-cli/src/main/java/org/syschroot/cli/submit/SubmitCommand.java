// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.submit;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.batch.Scheduler;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import org.syschroot.path.OsString;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot submit}: hands a job to the batch scheduler, to be run in an image. */
public final class SubmitCommand extends Subcommand {
  private final OptionSpec scheduler =
      Options.choice(
          "--scheduler",
          "NAME",
          "One of " + Scheduler.names() + " (default: that of [submit] in the image's file).",
          List.of(Scheduler.names().split(", ")));
  private final OptionSpec dryRun =
      Options.flag("Print the command that would submit the job.", "--dry-run");
  private final OptionSpec noCheck =
      Options.flag(
          "Do not check the image first, for a host that submits jobs but does not have the image.",
          "--no-check");
  private final OptionSpec nodeCheck =
      Options.flag(
          "Print a script that checks the images (default: all) of a node, which accepts no jobs"
              + " while one is broken.",
          "--node-check");
  private final OptionSpec digests =
      Options.value(
          "--digests",
          "FILE",
          "With --node-check: compare digests of images too, as status --digests FILE does.");
  private final OptionSpec jobWrapper =
      Options.flag("Print the script for HTCondor's USER_JOB_WRAPPER.", "--job-wrapper");
  private final PositionalParamSpec words =
      Options.parameters(
          "IMAGE [-- ARG...]",
          "The image, and the arguments of the scheduler's command: its options, the job script"
              + " and the arguments of the script.");

  public SubmitCommand(Console console, Kernel kernel) {
    super("submit", "Submit a batch job that runs in an image", console, kernel);
    spec()
        .addOption(scheduler)
        .addOption(dryRun)
        .addOption(noCheck)
        .addOption(nodeCheck)
        .addOption(digests)
        .addOption(jobWrapper)
        .addPositional(words);
    spec()
        .usageMessage()
        .customSynopsis(
            "syschroot submit [OPTIONS] IMAGE [-- ARG...]",
            "syschroot submit --scheduler NAME --node-check [OPTIONS] [IMAGE...]",
            "syschroot submit --job-wrapper");
  }

  @Override
  protected int run() throws IOException {
    Site site = site();
    List<String> all = Options.texts(words).stream().map(ByteStrings::readable).toList();
    NodeScripts scripts = new NodeScripts(site, global());
    if (Options.isSet(jobWrapper)) {
      console.print(scripts.jobWrapper());
      return ExitStatus.OK;
    }
    if (Options.isSet(nodeCheck)) {
      for (String name : all) {
        site.image(name);
      }
      Optional<Scheduler> named = all.isEmpty() ? given() : given(site.image(all.get(0)));
      Scheduler chosen =
          named.orElseThrow(() -> wrongUsage("missing option --scheduler NAME: " + allowed()));
      console.print(
          scripts.nodeCheck(
              chosen, all, Optional.ofNullable(Options.text(digests)).map(ByteStrings::readable)));
      return ExitStatus.OK;
    }
    if (Options.text(digests) != null) {
      throw wrongUsage("--digests is only allowed with --node-check");
    }
    if (all.isEmpty()) {
      throw wrongUsage("name an image");
    }
    Image image = site.image(all.get(0));
    Scheduler chosen =
        given(image)
            .or(() -> image.submit().map(Scheduler::of))
            .orElseThrow(
                () ->
                    wrongUsage(
                        image.name()
                            + " has no scheduler in its configuration file: use --scheduler NAME, "
                            + allowed()));
    return new JobSubmission(site, console, image, chosen)
        .dryRun(Options.isSet(dryRun))
        .unchecked(Options.isSet(noCheck))
        .submit(arguments());
  }

  /** A scheduler of the site's own is known to the images whose settings define it. */
  private Optional<Scheduler> given(Image image) {
    String name = Options.text(scheduler);
    return image
        .submit()
        .filter(submit -> submit.scheduler().equals(name))
        .map(Scheduler::of)
        .or(this::given);
  }

  private Optional<Scheduler> given() {
    @Nullable String name = Options.text(scheduler);
    if (name == null) {
      return Optional.empty();
    }
    return Optional.of(
        Scheduler.of(name)
            .orElseThrow(
                () ->
                    wrongUsage(
                        "--scheduler "
                            + ByteStrings.readable(name)
                            + " is unknown: "
                            + allowed())));
  }

  private static String allowed() {
    return "allowed are " + Scheduler.names();
  }

  private List<OsString> arguments() {
    List<String> all = Options.texts(words);
    int start = all.size() > 1 && all.get(1).equals("--") ? 2 : 1;
    return all.subList(start, all.size()).stream().map(ByteStrings::encode).toList();
  }
}
