// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import java.io.IOException;
import java.util.List;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.EachImage;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.images.version.Version;
import org.syschroot.images.version.VersionStore;
import org.syschroot.kernel.Kernel;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot prune}: deletes versions of images that nobody uses. */
public final class PruneCommand extends Subcommand {
  private final PositionalParamSpec names =
      Options.parameters("[IMAGE...]", "The images (default: all).");
  private final OptionSpec keep =
      Options.value(
          "--keep",
          "N",
          "How many versions to keep besides the current one, the newest of them (default: 1).");

  public PruneCommand(Console console, Kernel kernel) {
    super("prune", "Delete old versions of images", console, kernel);
    details(
        "A version that a process is in, or in which something is mounted in any mount namespace, stays. The current version is never deleted.");
    exitStatus("0    done", "3    no image is configured", "125  it failed, for an image at least");
    spec().addPositional(names).addOption(keep);
  }

  @Override
  protected int run() throws IOException {
    int kept = kept();
    Site site = site();
    List<String> words = Options.texts(names);
    List<Image> images;
    if (words.isEmpty()) {
      images = site.some(site.images());
    } else {
      images = new java.util.ArrayList<>();
      for (String word : words) {
        images.add(site.image(ByteStrings.readable(word)));
      }
    }
    return new EachImage(console, images).run(image -> prune(site, image, kept));
  }

  private int kept() {
    String text = Options.text(keep);
    if (text == null) {
      return 1;
    }
    if (!text.matches("[0-9]{1,6}")) {
      throw wrongUsage("--keep " + ByteStrings.readable(text) + ": give a number, 0 or more");
    }
    return Integer.parseInt(text);
  }

  private void prune(Site site, Image image, int kept) throws IOException {
    if (VersionStore.list(site.kernel(), image.root(), site.effectiveUid()).isEmpty()) {
      return;
    }
    try (VersionStore store = VersionStore.open(site.kernel(), image.root(), site.effectiveUid())) {
      store.removeHalfMade();
      VersionSwitch change = new VersionSwitch(console, site, image, store);
      int current = store.current().number();
      List<Version> others =
          store.versions().stream().filter(version -> version.number() != current).toList();
      for (Version version : others) {
        boolean isKept = others.indexOf(version) >= others.size() - kept;
        if (isKept) {
          if (store.user(version).isEmpty()) {
            change.takeDown(version);
          }
        } else if (change.removeIfUnused(version)) {
          console.line("image " + image.name() + ": deleted version " + version.number());
        }
      }
    }
  }
}
