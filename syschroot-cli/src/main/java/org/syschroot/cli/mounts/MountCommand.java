// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.mounts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
import org.syschroot.mountplan.MountStatus;
import org.syschroot.mountplan.MountStep;
import org.syschroot.mounts.ImageMounts;
import org.syschroot.mounts.MountListener;
import org.syschroot.mounts.boot.BootFiles;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import picocli.CommandLine.Model.OptionSpec;

/** {@code syschroot mount}: brings the mounts of images up, to stay. */
public final class MountCommand extends Subcommand {
  private final ImagesOption images = new ImagesOption();
  private final OptionSpec dryRun = Options.flag("Print what would be mounted.", "--dry-run");
  private final OptionSpec installBoot =
      Options.flag(
          "Write the systemd unit and the rc.local fragment that mount these images (default:"
              + " all) at boot.",
          "--install-boot");
  private int made;
  private int mounted;

  public MountCommand(Console console, Kernel kernel) {
    super("mount", "Mount the filesystems of images", console, kernel);
    details("Existing mounts stay as they are.");
    exitStatus("0    done", "3    no image is configured", "125  it failed, for an image at least");
    images.declareIn(spec());
    spec().addOption(dryRun).addOption(installBoot);
  }

  @Override
  protected int run() throws IOException {
    if (Options.isSet(installBoot)) {
      return writeBootFiles();
    }
    Site site = site();
    List<Image> chosen = images.chooseSome(this, site);
    if (!Options.isSet(dryRun)) {
      requireRoot(site, "mount " + images.shownWords());
    }
    int status = new EachImage(console, chosen).run(image -> mount(site, image));
    if (!Options.isSet(dryRun)) {
      console.done(count(made, "mount") + " made in " + count(mounted, "image"));
    }
    return site.unlessReported(status);
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  private int writeBootFiles() throws IOException {
    if (Options.isSet(dryRun)) {
      throw wrongUsage("--install-boot and --dry-run exclude each other: use one of them");
    }
    Site site = site();
    requireRoot(site, "mount --install-boot");
    Kernel kernel = site.kernel();
    List<OsString> chosen = images.words();
    if (chosen.isEmpty()) {
      chosen = List.of(OsString.of("--all"));
    } else {
      images.choose(this, site); // refuses names that no image has
    }
    List<OsString> arguments = new ArrayList<>(global().words(kernel));
    arguments.addAll(chosen);
    OsString command = OsString.of(OwnProcess.startScript());
    for (HostPath file : BootFiles.of(HostPath.of("/etc")).write(kernel, command, arguments)) {
      console.line(file);
    }
    console.notice(
        "to mount at boot: systemctl enable syschroot-mounts, or run \"sh"
            + " /etc/syschroot/rc.local\" from rc.local");
    return ExitStatus.OK;
  }

  private void mount(Site site, Image image) throws IOException {
    site.checkRoot(image);
    boolean rootMade = false;
    if (Options.isSet(dryRun)) {
      if (site.access().isInFile(image)) {
        console.line(image.name() + ": would mount " + image.place() + " on " + image.root());
      } else if (isMissing(site.access().rootStatus(image))) {
        console.line(image.name() + ": would mount " + image.root() + " on itself");
      }
    } else {
      rootMade = site.access().mountRoot(image);
    }
    try {
      if (!Options.isSet(dryRun)) {
        new Renewals(site, console).renew(image);
      }
      mountOnRoot(site, image);
    } catch (IOException e) {
      if (rootMade) {
        site.access().unmountRoot(image, true);
      }
      throw e;
    }
  }

  private static boolean isMissing(Optional<MountStatus> root) {
    return root.isPresent() && root.get().state() == MountStatus.State.MISSING;
  }

  private void mountOnRoot(Site site, Image image) throws IOException {
    try (ImageMounts mounts = site.mounts(image)) {
      if (Options.isSet(dryRun)) {
        for (MountStatus status : mounts.status()) {
          if (status.state() == MountStatus.State.MISSING) {
            console.line(image.name() + ": would mount " + status.text());
          }
        }
        return;
      }
      int up = mounts.up(new Reporter(image));
      console.detail(image.name() + ": " + up + " filesystems mounted");
      made += up;
      mounted++;
      MountNotes.tell(console, image, mounts.status());
    }
  }

  private final class Reporter implements MountListener {
    private final Image image;

    Reporter(Image image) {
      this.image = image;
    }

    @Override
    public void mounted(MountStep step) {
      console.detail(image.name() + ": mounted " + step);
    }
  }
}
