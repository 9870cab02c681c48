// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.launcher;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.launcher.Launcher;
import org.syschroot.launcher.LauncherFile;
import org.syschroot.launcher.LauncherWriter;
import org.syschroot.launcher.ManualPageFile;
import org.syschroot.mounts.ImageFiles;
import org.syschroot.path.HostPath;

/** {@code syschroot unlink}: removes launchers. */
public final class UnlinkCommand extends Subcommand {
  private final LinkOptions options =
      new LinkOptions(
          "WORD", "The image and the names as for \"link\", or the files of launchers.");

  public UnlinkCommand(Console console, Kernel kernel) {
    super("unlink", "Remove launchers", console, kernel);
    details("With IMAGE, also removes their symbolic links in the image. Other files stay.");
    options.declareIn(spec());
    spec()
        .usageMessage()
        .customSynopsis(
            "syschroot unlink IMAGE --into DIR [NAME...]",
            "syschroot unlink IMAGE",
            "syschroot unlink FILE...");
  }

  @Override
  protected int run() throws IOException {
    Site site = site();
    List<String> words = options.words();
    if (words.isEmpty()) {
      throw wrongUsage("name an image, or the files of launchers");
    }
    if (words.get(0).startsWith("/")) {
      for (String word : words) {
        remove(site, file(word), Optional.empty());
      }
      return ExitStatus.OK;
    }
    Image image = options.image(site);
    List<Launcher> links = options.links(this, site, image);
    for (Launcher link : links) {
      remove(site, link.path(), Optional.of(image.name()));
    }
    try (ImageFiles files = ImageFiles.open(site.kernel(), image, site.effectiveUid())) {
      for (Launcher link : links) {
        unlinkInImage(link, files);
      }
    }
    return ExitStatus.OK;
  }

  private void unlinkInImage(Launcher link, ImageFiles files) {
    try {
      if (files.unlink(link.linkInImage(), link.candidates())) {
        removed(link.linkInImage().under(link.image().root()));
      }
    } catch (KernelException e) {
      console.notice(
          link.image().name() + ": " + e.getMessage() + ": the symbolic link in the image stays");
    }
  }

  private HostPath file(String word) {
    try {
      return HostPath.of(ByteStrings.encode(word));
    } catch (IllegalArgumentException e) {
      throw wrongUsage(e);
    }
  }

  private void remove(Site site, HostPath path, Optional<ImageName> ofImage) throws IOException {
    Kernel kernel = site.kernel();
    try {
      if (ofImage.isPresent()) {
        requireOf(ofImage.get(), LauncherFile.read(kernel, path), path);
      }
      new LauncherWriter(kernel, site.effectiveUid()).unlink(path);
      removed(path);
      new ManualPageFile(kernel, site.effectiveUid(), path).remove();
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw new IOException("cannot remove " + path + ": " + e.getMessage(), e);
      }
      console.notice(path + " does not exist");
    }
  }

  private static void requireOf(ImageName image, LauncherFile launcher, HostPath path)
      throws IOException {
    if (!launcher.plan().image().equals(image)) {
      throw new IOException(path + " is a launcher of " + launcher.plan().image() + ": it stays");
    }
  }

  private void removed(HostPath path) {
    console.line("removed " + path);
  }
}
