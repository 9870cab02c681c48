// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.mounts;

import java.io.IOException;
import java.util.List;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.EachImage;
import org.syschroot.cli.frame.ImagesOption;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import org.syschroot.mounts.ImageMounts;
import org.syschroot.mounts.MountListener;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import picocli.CommandLine.Model.OptionSpec;

/** {@code syschroot umount}: takes the mounts of images down. */
public final class UmountCommand extends Subcommand {
  private final ImagesOption images = new ImagesOption();
  private final OptionSpec dryRun = Options.flag("Print what would be unmounted.", "--dry-run");
  private final OptionSpec lazy =
      Options.flag(
          "Detach busy mounts now; the kernel removes them when they are no longer in use.",
          "--lazy");

  public UmountCommand(Console console, Kernel kernel) {
    super("umount", "Unmount the filesystems of images", console, kernel);
    details("Unmounts all filesystems of an image, or none. Mounts of other programs stay.");
    exitStatus("0    done", "3    no image is configured", "125  it failed, for an image at least");
    images.declareIn(spec());
    spec().addOption(dryRun).addOption(lazy);
  }

  @Override
  protected int run() throws IOException {
    Site site = site();
    List<Image> chosen = images.chooseSome(this, site);
    if (!Options.isSet(dryRun)) {
      requireRoot(site, "umount " + images.shownWords());
    }
    return site.unlessReported(new EachImage(console, chosen).run(image -> umount(site, image)));
  }

  private void umount(Site site, Image image) throws IOException {
    try (ImageMounts mounts = site.knownMounts(image)) {
      if (Options.isSet(dryRun)) {
        for (ImagePath target : mounts.own()) {
          console.line(image.name() + ": would unmount " + target);
        }
        return;
      }
      int removed = mounts.down(Options.isSet(lazy), new Reporter(image));
      console.detail(image.name() + ": " + removed + " filesystems unmounted");
    }
    site.access().unmountRoot(image, Options.isSet(lazy));
  }

  private final class Reporter implements MountListener {
    private final Image image;

    Reporter(Image image) {
      this.image = image;
    }

    @Override
    public void unmounted(OsString target) {
      console.detail(image.name() + ": unmounted " + target);
    }
  }
}
