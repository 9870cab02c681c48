// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.OwnProcess;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.host.VersionsDirectory;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.Origin;
import org.syschroot.images.making.CreationMark;
import org.syschroot.images.making.HalfMade;
import org.syschroot.images.version.VersionStore;
import org.syschroot.kernel.Kernel;
import org.syschroot.mounts.removal.ImageRemoval;
import org.syschroot.path.HostPath;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot remove}: deletes an image's tree, and puts its settings aside. */
public final class RemoveCommand extends Subcommand {
  private final PositionalParamSpec name =
      Options.parameter("IMAGE", "The name of the image (not an alias).");
  private final OptionSpec yes =
      Options.flag("Do not ask for confirmation (default without a terminal).", "-y", "--yes");
  private final OptionSpec dryRun =
      Options.flag("Check, and print what would be deleted.", "--dry-run");

  public RemoveCommand(Console console, Kernel kernel) {
    super("remove", "Delete an image", console, kernel);
    details(
        "Fails while a command runs in it, or anything is mounted in it in any mount namespace. Renames"
            + " the configuration file to NAME.toml.removed. Also deletes the files of an"
            + " interrupted \"create\".");
    spec().addPositional(name);
    List.of(yes, dryRun).forEach(spec()::addOption);
  }

  @Override
  protected int run() throws IOException {
    Site site = site();
    String wanted = ByteStrings.readable(Options.required(name));
    Optional<Path> mark = markOf(site, wanted);
    if (mark.isPresent() && !isConfigured(site, wanted)) {
      return removeHalfMade(site, wanted, mark.get());
    }
    Image image = site.image(wanted);
    if (!image.name().value().equals(wanted)) {
      throw new IOException(
          wanted + " is an alias of " + image.name() + ": use the name to remove the image");
    }
    int status = remove(site, image);
    if (status == ExitStatus.OK && mark.isPresent() && !Options.isSet(dryRun)) {
      // Left by a create that ended after its last step but one.
      Files.deleteIfExists(mark.get());
    }
    return status;
  }

  private Optional<Path> markOf(Site site, String wanted) throws IOException {
    try {
      Path mark = CreationMark.of(site.directories().forNew(), new ImageName(wanted));
      return Files.exists(mark, LinkOption.NOFOLLOW_LINKS) ? Optional.of(mark) : Optional.empty();
    } catch (IllegalArgumentException noName) {
      return Optional.empty();
    }
  }

  private static boolean isConfigured(Site site, String wanted) throws IOException {
    return site.catalog().find(wanted).isPresent()
        || !site.catalog().problemsWith(wanted).isEmpty();
  }

  private int removeHalfMade(Site site, String wanted, Path file) throws IOException {
    try (CreationMark mark = CreationMark.take(site.kernel(), file, site.trust())) {
      Optional<HalfMade> leftover = mark.leftover();
      String what = leftover.map(half -> half.root().toString()).orElse("nothing");
      if (Options.isSet(dryRun)) {
        console.line("would delete " + what + ", left by an interrupted create, and " + file);
        return ExitStatus.OK;
      }
      if (!isConfirmed(
          "delete " + what + ", which an interrupted create of " + wanted + " has left?")) {
        return ExitStatus.NO;
      }
      boolean deleted = mark.cleanUp().isPresent();
      mark.delete();
      console.line(
          "removed "
              + (deleted ? what : "nothing")
              + " of the interrupted create of"
              + " "
              + wanted);
      return ExitStatus.OK;
    }
  }

  private int remove(Site site, Image image) throws IOException {
    Origin origin = Objects.requireNonNull(image.origins().get("root"), "it is of a file");
    Path settings = Path.of(origin.file());
    if (site.effectiveUid() != 0 && !Files.isWritable(settings.getParent())) {
      throw new IOException(
          image.name() + " is not one of your images (" + settings + "): only root can remove it");
    }
    if (image.file().isPresent()) {
      throw new IOException(
          image.name()
              + " is in a file, which is left alone\nhint: syschroot umount "
              + image.name()
              + ", then delete "
              + image.place()
              + " and "
              + settings);
    }
    Path aside = settings.resolveSibling(settings.getFileName() + ".removed");
    // A remove that was killed may have got so far.
    boolean isThere = Files.exists(image.root().toPath(), LinkOption.NOFOLLOW_LINKS);
    if (isThere) {
      site.checkRoot(image);
    }
    requireNoOtherVersion(site, image);
    if (Options.isSet(dryRun)) {
      if (isThere) {
        ImageRemoval.check(site.kernel(), image.root(), site.effectiveUid());
      }
      console.line("would delete " + image.root() + ", and rename " + settings + " to " + aside);
      return ExitStatus.OK;
    }
    if (!isConfirmed("delete the image " + image.name() + " in " + image.root() + "?")) {
      return ExitStatus.NO;
    }
    if (isThere) {
      console.notice("removing " + image.root());
      ImageRemoval.remove(site.kernel(), image.root(), site.effectiveUid());
    }
    removeRecord(site, image);
    Files.move(settings, aside, StandardCopyOption.REPLACE_EXISTING);
    console.line("removed " + image.root() + "; its configuration file is now " + aside);
    return ExitStatus.OK;
  }

  private static void requireNoOtherVersion(Site site, Image image) throws IOException {
    if (VersionStore.list(site.kernel(), image.root(), site.effectiveUid()).size() > 1) {
      throw new IOException(
          image.name()
              + " has other versions: delete them first: syschroot prune --keep 0 "
              + image.name());
    }
  }

  /** Of the only version there was. */
  private static void removeRecord(Site site, Image image) throws IOException {
    HostPath versions = VersionsDirectory.of(image.root());
    if (!VersionStore.list(site.kernel(), image.root(), site.effectiveUid()).isEmpty()) {
      ImageRemoval.remove(site.kernel(), versions, site.effectiveUid());
    }
  }

  private boolean isConfirmed(String question) throws IOException {
    return Options.isSet(yes)
        || !OwnProcess.standardInputIsTerminal()
        || console.confirms(question);
  }
}
