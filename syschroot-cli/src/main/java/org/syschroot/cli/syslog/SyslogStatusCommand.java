// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Json;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import org.syschroot.syslog.route.ImageLog;
import org.syschroot.syslog.route.LogRoute;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot syslog status}: which way the lines of images take, without sending any. */
final class SyslogStatusCommand extends Subcommand {
  private final OptionSpec json = Options.flag("Print JSON.", "--json");
  private final PositionalParamSpec names =
      Options.parameters("[IMAGE...]", "Names or aliases of images (default: all).");

  SyslogStatusCommand(Console console, Kernel kernel) {
    super("status", "Show how log messages leave images", console, kernel);
    exitStatus(
        "0    messages of all images can leave",
        "1    messages of an image are lost",
        "3    no image is configured");
    spec().addOption(json).addPositional(names);
  }

  @Override
  protected int run() throws IOException {
    Site site = site();
    List<Image> images = new ArrayList<>();
    for (String name : Options.texts(names)) {
      images.add(site.image(ByteStrings.readable(name)));
    }
    JsonArray all = new JsonArray();
    boolean good = true;
    for (Image image : images.isEmpty() ? site.some(site.images()) : images) {
      ImageLog.Routes routes = new ImageLog(site.access(), image).look();
      good &= routes.route().state() != LogRoute.State.BROKEN;
      if (Options.isSet(json)) {
        JsonObject one = new JsonObject();
        one.addProperty("image", image.name().toString());
        LogRouteOutput.addTo(one, routes);
        all.add(one);
      } else {
        LogRouteOutput.print(console, image, routes);
      }
    }
    if (Options.isSet(json)) {
      console.print(Json.text(all));
    }
    return site.unlessReported(good ? ExitStatus.OK : ExitStatus.NO);
  }
}
