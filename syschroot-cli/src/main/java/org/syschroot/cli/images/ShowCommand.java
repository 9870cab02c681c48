// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Json;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.host.VersionsDirectory;
import org.syschroot.image.Image;
import org.syschroot.images.version.Version;
import org.syschroot.images.version.VersionStore;
import org.syschroot.kernel.Kernel;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot show}: the settings of one image, with where each was read. */
public final class ShowCommand extends Subcommand {
  private final OptionSpec json = Options.flag("Print JSON.", "--json");
  private final PositionalParamSpec name =
      Options.parameter("IMAGE", "The name or alias of the image.");

  public ShowCommand(Console console, Kernel kernel) {
    super("show", "Show the settings of an image and their origin", console, kernel);
    spec().addOption(json).addPositional(name);
  }

  @Override
  protected int run() throws IOException {
    Site site = site();
    Image image = site.image(ByteStrings.readable(Options.required(name)));
    JsonObject settings = ImageJson.of(image, site.defaultPersonality());
    Optional<Version> version =
        VersionStore.current(site.kernel(), image.root(), site.effectiveUid());
    if (version.isPresent()) {
      String origin = VersionsDirectory.of(image.root()).toString();
      settings.addProperty("version", Integer.toString(version.get().number()));
      settings.addProperty("digest", version.get().digest());
      settings.getAsJsonObject("origins").addProperty("version", origin);
      settings.getAsJsonObject("origins").addProperty("digest", origin);
    }
    if (Options.isSet(json)) {
      console.print(Json.text(settings));
      return ExitStatus.OK;
    }
    for (Map.Entry<String, JsonElement> setting : settings.entrySet()) {
      if (!setting.getKey().equals("origins")) {
        print(settings, setting.getKey(), setting.getValue());
      }
    }
    return ExitStatus.OK;
  }

  /** Prints a setting: each element of a list on a line of its own, the origin on the first. */
  private void print(JsonObject settings, String key, JsonElement value) {
    JsonElement origin = settings.getAsJsonObject("origins").get(key);
    String place = origin == null ? "(default)" : origin.getAsString();
    String label = key;
    for (String text : texts(value)) {
      String where = key.equals("name") || label.isEmpty() ? "" : place;
      console.line(String.format("%-18s %-34s %s", label, text, where).stripTrailing());
      label = "";
    }
  }

  private static List<String> texts(JsonElement value) {
    List<String> texts = new ArrayList<>();
    if (value.isJsonArray()) {
      value.getAsJsonArray().forEach(element -> texts.add(element.getAsString()));
    } else if (value.isJsonObject()) {
      value.getAsJsonObject().asMap().forEach((name, part) -> texts.addAll(named(name, part)));
    } else if (!value.isJsonNull() && !value.getAsString().isEmpty()) {
      texts.add(value.getAsString());
    }
    return texts.isEmpty() ? List.of("-") : texts;
  }

  /** Returns the parts of a table, each with its key: of {@code environment}, "set A=1". */
  private static List<String> named(String name, JsonElement part) {
    List<String> texts = new ArrayList<>();
    if (part.isJsonObject()) {
      part.getAsJsonObject()
          .asMap()
          .forEach((key, value) -> texts.add(name + " " + key + "=" + value.getAsString()));
    } else {
      texts(part).stream()
          .filter(text -> !text.equals("-"))
          .forEach(text -> texts.add(name + " " + text));
    }
    return texts;
  }
}
