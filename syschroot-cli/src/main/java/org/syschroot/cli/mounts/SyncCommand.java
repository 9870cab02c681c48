// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.mounts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.EachImage;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.ImagesOption;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.OwnProcess;
import org.syschroot.cli.frame.Renewals;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import org.syschroot.mountplan.MountStep;
import org.syschroot.mounts.ImageMounts;
import org.syschroot.mounts.MountListener;
import org.syschroot.mounts.boot.SyncUnits;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import picocli.CommandLine.Model.OptionSpec;

/** {@code syschroot sync}: brings accounts and other files of images up to date. */
public final class SyncCommand extends Subcommand {
  private final ImagesOption images = new ImagesOption();
  private final OptionSpec users =
      Options.repeated(
          "--user",
          "NAME|UID",
          "Add these users of a directory service, such as LDAP, and their groups.");

  private final OptionSpec installUnits =
      Options.flag(
          "Write the systemd units that do this (default: for all images) when a file changes or"
              + " a user logs in.",
          "--install-units");

  public SyncCommand(Console console, Kernel kernel) {
    super("sync", "Update files of images that follow the host", console, kernel);
    images.declareIn(spec());
    spec().addOption(users).addOption(installUnits);
  }

  @Override
  protected int run() throws IOException {
    Site site = site();
    if (Options.isSet(installUnits)) {
      return writeUnits(site);
    }
    Set<String> further = new TreeSet<>();
    Options.texts(users).forEach(name -> further.add(ByteStrings.readable(name)));
    Renewals renewals = new Renewals(site, console);
    List<Image> chosen = images.choose(this, site);
    if (chosen.isEmpty() && site.reported().isEmpty()) {
      // No failure: the units of the package call this on machines without images too.
      console.notice("there are no images in " + site.imageDirectories());
    }
    return site.unlessReported(
        new EachImage(console, chosen).run(image -> renew(site, renewals, image, further)));
  }

  private int writeUnits(Site site) throws IOException {
    requireRoot(site, "sync --install-units");
    List<OsString> chosen = images.words();
    if (chosen.isEmpty()) {
      chosen = List.of(OsString.of("--all"));
    } else {
      images.choose(this, site); // refuses names that no image has
    }
    List<OsString> arguments = new ArrayList<>(global().words(site.kernel()));
    arguments.addAll(chosen);
    OsString command = OsString.of(OwnProcess.startScript());
    SyncUnits.of(HostPath.of("/etc"))
        .write(site.kernel(), command, arguments)
        .forEach(console::line);
    console.notice("to start now and at boot: systemctl enable --now syschroot-sync.path");
    return ExitStatus.OK;
  }

  private void renew(Site site, Renewals renewals, Image image, Set<String> further)
      throws IOException {
    site.checkRoot(image);
    renewals.renew(image, further);
    if (site.effectiveUid() != 0) {
      return;
    }
    try (ImageMounts mounts = site.knownMounts(image)) {
      mounts.renew(
          new MountListener() {
            @Override
            public void mounted(MountStep step) {
              console.detail(image.name() + ": mounted again: " + step);
            }
          });
    }
  }
}
