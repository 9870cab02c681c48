// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.Map;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot show}: the settings of one image, with where each was read. */
final class ShowCommand extends Subcommand {
  private final OptionSpec json = Options.flag("Print JSON.", "--json");
  private final PositionalParamSpec name =
      Options.parameter("IMAGE", "The name or alias of the image.");

  ShowCommand(Console console, Kernel kernel) {
    super("show", "Shows the settings of an image and where they come from.", console, kernel);
    spec().addOption(json).addPositional(name);
  }

  @Override
  int run() throws IOException {
    Site site = site();
    Image image = site.image(ByteStrings.readable(Options.required(name)));
    JsonObject settings = ImageJson.of(image, site.defaultPersonality());
    if (Options.isSet(json)) {
      console.print(Json.text(settings));
      return ExitStatus.OK;
    }
    for (Map.Entry<String, JsonElement> setting : settings.entrySet()) {
      if (!setting.getKey().equals("origins")) {
        console.line(line(settings, setting.getKey(), setting.getValue()));
      }
    }
    return ExitStatus.OK;
  }

  private static String line(JsonObject settings, String key, JsonElement value) {
    JsonElement origin = settings.getAsJsonObject("origins").get(key);
    String place = origin == null ? "default" : origin.getAsString();
    return String.format("%-18s %-40s %s", key, value, key.equals("name") ? "" : place)
        .stripTrailing();
  }
}
