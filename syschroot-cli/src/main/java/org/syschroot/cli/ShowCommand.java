// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.syschroot.image.Image;
import org.syschroot.image.Origin;
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
    Image image = site().image(ByteStrings.readable(Options.required(name)));
    JsonObject settings = ImageJson.of(image);
    if (Options.isSet(json)) {
      console.print(Json.text(settings));
      return ExitStatus.OK;
    }
    for (Map.Entry<String, JsonElement> setting : settings.entrySet()) {
      if (!setting.getKey().equals("origins")) {
        console.print(line(image, setting.getKey(), setting.getValue()));
      }
    }
    return ExitStatus.OK;
  }

  private static String line(Image image, String key, JsonElement value) {
    String place =
        key.equals("name")
            ? ""
            : Optional.ofNullable(image.origins().get(key)).map(Origin::toString).orElse("default");
    return String.format("%-18s %-40s %s", key, value, place).stripTrailing() + "\n";
  }
}
