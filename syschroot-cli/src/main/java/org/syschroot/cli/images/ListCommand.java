// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import com.google.gson.JsonArray;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Json;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.images.version.Version;
import org.syschroot.images.version.VersionStore;
import org.syschroot.kernel.Kernel;
import picocli.CommandLine.Model.OptionSpec;

/** {@code syschroot list}: all images. */
public final class ListCommand extends Subcommand {
  private final OptionSpec json = Options.flag("Print JSON.", "--json");

  private final OptionSpec versions =
      Options.flag("Show the versions of the images; * is the current one.", "--versions");

  public ListCommand(Console console, Kernel kernel) {
    super("list", "List images", console, kernel);
    spec().addOption(json).addOption(versions);
  }

  @Override
  protected int run() throws IOException {
    Site site = site();
    List<Image> images = site.images();
    if (images.isEmpty() && site.reported().isEmpty()) {
      console.notice("there are no images in " + site.imageDirectories());
    }
    if (Options.isSet(versions)) {
      showVersions(site, images);
      return site.unlessReported(ExitStatus.OK);
    }
    if (Options.isSet(json)) {
      JsonArray array = new JsonArray();
      images.forEach(image -> array.add(ImageJson.of(image, site.defaultPersonality())));
      console.print(Json.text(array));
      return site.unlessReported(ExitStatus.OK);
    }
    int nameWidth = images.stream().mapToInt(i -> i.name().toString().length()).max().orElse(0);
    int rootWidth = images.stream().mapToInt(i -> i.place().toString().length()).max().orElse(0);
    for (Image image : images) {
      String line =
          pad(image.name().toString(), nameWidth)
              + "  "
              + pad(image.place().toString(), rootWidth)
              + "  "
              + image.description();
      console.line(line.stripTrailing());
    }
    return site.unlessReported(ExitStatus.OK);
  }

  private void showVersions(Site site, List<Image> images) throws IOException {
    JsonArray array = new JsonArray();
    for (Image image : images) {
      List<Version> known = VersionStore.list(site.kernel(), image.root(), site.effectiveUid());
      Optional<Version> current =
          VersionStore.current(site.kernel(), image.root(), site.effectiveUid());
      for (Version version : known) {
        boolean isCurrent = current.equals(Optional.of(version));
        if (Options.isSet(json)) {
          array.add(VersionJson.of(image.name(), version, isCurrent));
        } else {
          console.line(
              String.format(
                  "%s  %s %d  %s  %s  %s",
                  image.name(),
                  isCurrent ? "*" : " ",
                  version.number(),
                  version.shortDigest(),
                  version.made(),
                  version.source()));
        }
      }
    }
    if (Options.isSet(json)) {
      console.print(Json.text(array));
    }
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(width - text.length());
  }
}
