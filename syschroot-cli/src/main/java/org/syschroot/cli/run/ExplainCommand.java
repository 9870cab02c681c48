// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Json;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.describe.PlanDescription;
import org.syschroot.explain.ShellScript;
import org.syschroot.explain.TextExplanation;
import org.syschroot.kernel.Kernel;
import org.syschroot.plan.ImagePlan;
import org.syschroot.plan.SwitchPlan;
import picocli.CommandLine.Model.OptionSpec;

/** {@code syschroot explain}: prints the plan of a switch and changes nothing. */
public final class ExplainCommand extends Subcommand {
  private static final List<String> FORMATS = List.of("text", "json", "sh");

  private final OptionSpec format =
      Options.value(
          "--format",
          "text|json|sh",
          "Text (default), JSON, or a shell script that does the same.");
  private final OptionSpec json = Options.flag("Like --format json.", "--json");
  private final RunOptions options = new RunOptions();

  public ExplainCommand(Console console, Kernel kernel) {
    super("explain", "Show what run would do", console, kernel);
    details("Prints the steps in their order, and changes nothing.");
    spec().addOption(format).addOption(json);
    options.declareIn(spec());
    spec()
        .usageMessage()
        .customSynopsis("syschroot explain [OPTIONS] IMAGE [--] [COMMAND [ARG...]]");
  }

  @Override
  protected int run() throws IOException {
    String form = Options.isSet(json) ? "json" : Options.text(format);
    if (form != null && !FORMATS.contains(form)) {
      throw wrongUsage("--format " + form + ": allowed are " + String.join(", ", FORMATS));
    }
    Site site = site();
    CachedStart cached = new CachedStart(site, options);
    PlanOptions planned = new PlanOptions(site, options);
    ImagePlan plan = planned.imagePlan(this);
    if ("json".equals(form)) {
      console.print(json(planned.bind(plan), cached.refusal(plan)));
    } else if ("sh".equals(form)) {
      console.print(ShellScript.of(plan));
    } else {
      console.print(TextExplanation.of(planned.bind(plan)));
      Optional<String> refusal = cached.refusal(plan);
      console.line(refusal.map(why -> "not cached: " + why).orElse("cached for the next start"));
    }
    return ExitStatus.OK;
  }

  private static String json(SwitchPlan plan, Optional<String> notCached) {
    Map<String, Object> all = new LinkedHashMap<>(PlanDescription.of(plan).toMap());
    all.put("cached", notCached.isEmpty());
    notCached.ifPresent(why -> all.put("notCached", why));
    return Json.text(Json.of(all));
  }
}
