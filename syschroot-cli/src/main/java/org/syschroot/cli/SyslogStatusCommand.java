// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import org.syschroot.syslog.route.LogRoute;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot syslog status}: which way the lines of images take, without sending any. */
final class SyslogStatusCommand extends Subcommand {
  private final OptionSpec json = Options.flag("Print JSON.", "--json");
  private final PositionalParamSpec names =
      Options.parameters("[IMAGE...]", "Names or aliases of images (default: all).");

  SyslogStatusCommand(Console console, Kernel kernel) {
    super(
        "status",
        "Shows which way the lines take that programs in images log, and whether it works. The exit"
            + " status is 0 if none is broken, else 1.",
        console,
        kernel);
    spec().addOption(json).addPositional(names);
  }

  @Override
  int run() throws IOException {
    Site site = site();
    List<Image> images = new ArrayList<>();
    for (String name : Options.texts(names)) {
      images.add(site.image(ByteStrings.readable(name)));
    }
    JsonArray all = new JsonArray();
    boolean good = true;
    for (Image image : images.isEmpty() ? site.some(site.images()) : images) {
      ImageLog.Finding finding = new ImageLog(site, image).look();
      good &= finding.route().state() != LogRoute.State.BROKEN;
      if (Options.isSet(json)) {
        JsonObject one = new JsonObject();
        one.addProperty("image", image.name().toString());
        LogRouteOutput.addTo(one, finding);
        all.add(one);
      } else {
        LogRouteOutput.print(console, image, finding);
      }
    }
    if (Options.isSet(json)) {
      console.print(Json.text(all));
    }
    return site.unlessReported(good ? ExitStatus.OK : ExitStatus.NO);
  }
}
