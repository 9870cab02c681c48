// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.launcher;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.EachImage;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.image.LauncherKind;
import org.syschroot.kernel.Accounts;
import org.syschroot.kernel.Kernel;
import org.syschroot.launcher.ClosedDirectory;
import org.syschroot.launcher.Launcher;
import org.syschroot.launcher.ManualPageFile;
import org.syschroot.launcher.Privilege;
import org.syschroot.mounts.ImageFiles;
import org.syschroot.mounts.ImageLaunchers;
import org.syschroot.path.ImagePath;
import org.syschroot.perform.AccessList;
import picocli.CommandLine.Model.OptionSpec;

/** {@code syschroot link}: writes launchers. */
public final class LinkCommand extends Subcommand {
  private final OptionSpec all =
      Options.flag("All launchers of the configuration, of all images.", "--all");
  private final OptionSpec setUserId =
      Options.flag(
          "Create set-user-ID launchers, for a filesystem without file capabilities.", "--setuid");
  private final LinkOptions options =
      new LinkOptions(
          "[IMAGE [NAME...]]",
          "The image, and programs in its /bin (default: one launcher for the whole image).");

  public LinkCommand(Console console, Kernel kernel) {
    super("link", "Create launchers", console, kernel);
    details(
        "With a launcher, ordinary users enter an image. Each NAME is a program of the image;"
            + " without NAMEs, creates one launcher for the whole image, named like it. Without"
            + " --into, creates the launchers of the configuration.");
    exitStatus("0    done", "3    no image is configured", "125  it failed, for an image at least");
    options.declareIn(spec());
    spec().addOption(all).addOption(setUserId);
    spec()
        .usageMessage()
        .customSynopsis(
            "syschroot link [--setuid] IMAGE --into DIR [NAME...]",
            "syschroot link [--setuid] IMAGE",
            "syschroot link [--setuid] --all");
  }

  @Override
  protected int run() throws IOException {
    Site site = site();
    if (Options.isSet(all)) {
      if (!options.isEmpty()) {
        throw wrongUsage(
            "--all allows no further arguments: names and directories come from the"
                + " configuration");
      }
      List<Image> images =
          site.some(site.images()).stream().filter(one -> one.launchers().isPresent()).toList();
      EachImage each = new EachImage(console, images);
      return site.unlessReported(
          each.run(image -> link(site, image, LinkOptions.configured(site, image))));
    }
    if (options.words().isEmpty()) {
      throw wrongUsage("name an image, or use --all");
    }
    Image image = options.image(site);
    link(site, image, options.links(this, site, image));
    return ExitStatus.OK;
  }

  private void link(Site site, Image image, List<Launcher> links) throws IOException {
    LauncherKind kind = links.get(0).kind();
    Privilege privilege = privilege(kind);
    new ImageLaunchers(site.access())
        .write(
            image,
            links,
            privilege,
            (link, program, files) -> tell(site, link, program, files, privilege));
    if (kind != LauncherKind.ROOTLESS) {
      tellOfClosedDirectories(image);
    }
  }

  private Privilege privilege(LauncherKind kind) {
    if (kind == LauncherKind.ROOTLESS) {
      if (Options.isSet(setUserId)) {
        throw wrongUsage(
            "--setuid is only for root: launchers of ordinary users need no privilege");
      }
      return Privilege.NONE;
    }
    return Options.isSet(setUserId) ? Privilege.SET_USER_ID : Privilege.FILE_CAPABILITY;
  }

  private void tellOfClosedDirectories(Image image) throws IOException {
    for (ClosedDirectory closed : ClosedDirectory.of(image, Accounts.ofHost())) {
      console.notice(image.name() + ": " + closed.effect());
      console.hint(closed.remedy());
    }
  }

  private void tell(
      Site site, Launcher link, Optional<ImagePath> program, ImageFiles files, Privilege privilege)
      throws IOException {
    console.line(
        link.path()
            + ": "
            + link.runs(program)
            + ", for "
            + new AccessList(link.image(), Accounts::ofHost).describe()
            + (privilege == Privilege.SET_USER_ID ? ", set-user-ID" : ""));
    if (program.isEmpty()) {
      writePage(site, link);
    }
    if (link.kind() == LauncherKind.ROOTLESS && site.effectiveUid() != 0) {
      return; // the image is most often root's, who has it linked if at all
    }
    if (program.isPresent()) {
      linkInImage(link, files, program.get());
    }
  }

  /** A launcher does without a page. */
  private void writePage(Site site, Launcher link) {
    String without = link.path() + ": no manual page was written: ";
    try {
      if (new ManualPageFile(site.kernel(), site.effectiveUid(), link.path())
          .write(link)
          .isEmpty()) {
        console.notice(without + "another page has its name");
      }
    } catch (IOException e) {
      console.notice(without + e.getMessage());
    }
  }

  /** What is in the image may be anything: the launcher is made and works without this link. */
  private void linkInImage(Launcher link, ImageFiles files, ImagePath program) {
    try {
      if (files.link(link.linkInImage(), program)) {
        console.line(link.linkInImage().under(link.image().root()) + " -> " + program);
      }
    } catch (IOException e) {
      console.notice(
          link.image().name()
              + ": "
              + e.getMessage()
              + ": scripts that begin with #!"
              + link.path()
              + " do not run in the image");
    }
  }
}
