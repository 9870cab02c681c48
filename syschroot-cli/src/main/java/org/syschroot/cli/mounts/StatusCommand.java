// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.mounts;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Json;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import org.syschroot.launcher.LauncherStatus;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.mounts.ImageMounts;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot status}: what became of each planned mount and configured launcher. */
public final class StatusCommand extends Subcommand {
  private final OptionSpec json = Options.flag("Print JSON.", "--json");
  private final OptionSpec digests =
      Options.value(
          "--digests",
          "FILE",
          "Compare the digests of current versions with FILE, which has lines \"IMAGE DIGEST\".");
  private final PositionalParamSpec names =
      Options.parameters("[IMAGE...]", "Names or aliases of images (default: all).");

  public StatusCommand(Console console, Kernel kernel) {
    super("status", "Show the state of mounts and launchers", console, kernel);
    details(
        "A configured mount is mounted, missing, foreign (something else is mounted) or stale;"
            + " any other mount in the image is extra. A configured launcher is linked, missing,"
            + " outdated or foreign.");
    exitStatus(
        "0    everything is mounted and linked, and nothing is extra",
        "1    a mount or launcher is in another state",
        "3    no image is configured");
    spec().addOption(json).addOption(digests).addPositional(names);
  }

  @Override
  protected int run() throws IOException {
    Site site = site();
    JsonArray all = new JsonArray();
    boolean good = true;
    WantedDigests wanted =
        Options.text(digests) == null
            ? WantedDigests.NONE
            : WantedDigests.read(Path.of(ByteStrings.readable(Options.required(digests))));
    for (Image image : images(site)) {
      List<MountStatus> mounts = new ArrayList<>();
      site.access().rootStatus(image).ifPresent(mounts::add);
      try (ImageMounts open = site.knownMounts(image)) {
        mounts.addAll(open.status());
      }
      good &= mounts.stream().allMatch(m -> m.state() == MountStatus.State.MOUNTED);
      List<LauncherStatus> launchers = LauncherStatus.configured(site.access(), image);
      good &= launchers.stream().allMatch(l -> l.state() == LauncherStatus.State.LINKED);
      Optional<String> difference = wanted.difference(site, image);
      good &= difference.isEmpty();
      if (Options.isSet(json)) {
        JsonObject one = json(image, mounts, launchers);
        difference.ifPresent(text -> one.addProperty("version", text));
        all.add(one);
      } else {
        difference.ifPresent(text -> print(image, "outdated", text, ""));
        print(image, mounts, launchers);
      }
    }
    if (Options.isSet(json)) {
      console.print(Json.text(all));
    }
    return site.unlessReported(good && !site.siteCodeFailed() ? ExitStatus.OK : ExitStatus.NO);
  }

  private List<Image> images(Site site) throws IOException {
    List<Image> images = new ArrayList<>();
    for (String name : Options.texts(names)) {
      images.add(site.image(ByteStrings.readable(name)));
    }
    return images.isEmpty() ? site.some(site.images()) : images;
  }

  private void print(Image image, List<MountStatus> mounts, List<LauncherStatus> launchers) {
    for (MountStatus mount : mounts) {
      print(image, state(mount), mount.text(), mount.detail());
    }
    for (LauncherStatus launcher : launchers) {
      print(image, launcher.state(), launcher.path(), launcher.detail());
    }
    MountNotes.tell(console, image, mounts);
  }

  private void print(Image image, Object state, Object what, String detail) {
    String line = String.format("%-12s %-8s %s", image.name(), state, what);
    console.line(line + (detail.isEmpty() ? "" : ": " + detail));
  }

  private static JsonObject json(
      Image image, List<MountStatus> mounts, List<LauncherStatus> launchers) {
    JsonArray array = new JsonArray();
    for (MountStatus mount : mounts) {
      JsonObject one = new JsonObject();
      one.addProperty("target", mount.target().toString());
      one.addProperty("mount", mount.text());
      one.addProperty("state", state(mount));
      one.addProperty("detail", mount.detail());
      one.addProperty("latecomers-appear", mount.latecomersAppear());
      mount
          .planned()
          .map(MountSelection.Mount::contributor)
          .filter(contributor -> !contributor.isEmpty())
          .ifPresent(contributor -> one.addProperty("contributor", contributor));
      array.add(one);
    }
    JsonObject json = new JsonObject();
    json.addProperty("image", image.name().toString());
    json.addProperty("root", image.root().toString());
    json.add("mounts", array);
    JsonArray links = new JsonArray();
    for (LauncherStatus launcher : launchers) {
      JsonObject one = new JsonObject();
      one.addProperty("path", launcher.path().toString());
      one.addProperty("state", launcher.state().toString());
      one.addProperty("detail", launcher.detail());
      links.add(one);
    }
    json.add("launchers", links);
    return json;
  }

  private static String state(MountStatus mount) {
    return mount.state().name().toLowerCase(Locale.ROOT);
  }
}
