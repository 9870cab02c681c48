// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.ImageName;
import org.syschroot.images.ImageFile;
import org.syschroot.images.schroot.ImportNote;
import org.syschroot.images.schroot.ImportedImage;
import org.syschroot.images.schroot.SchrootImport;
import org.syschroot.kernel.Kernel;
import org.syschroot.path.HostPath;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot import schroot}: turns schroot's configuration into images. */
public final class ImportCommand extends Subcommand {
  private final OptionSpec install =
      Options.flag("Write the files; an existing file is never replaced.", "--install");
  private final PositionalParamSpec words =
      Options.parameters(
          "schroot FILE...",
          "The word \"schroot\", and its files (default: /etc/schroot/schroot.conf and chroot.d).");

  public ImportCommand(Console console, Kernel kernel) {
    super("import", "Convert schroot(1) configuration", console, kernel);
    details(
        "Prints configuration files of images. Each setting without a counterpart is reported on standard error.");
    spec().addOption(install).addPositional(words);
    spec().usageMessage().customSynopsis("syschroot import schroot [--install] [FILE...]");
  }

  @Override
  protected int run() throws IOException {
    List<String> given = Options.texts(words);
    if (given.isEmpty() || !given.get(0).equals("schroot")) {
      throw wrongUsage("missing argument \"schroot\": syschroot import schroot [FILE...]");
    }
    Site site = site();
    List<Path> files = files(given.subList(1, given.size()));
    SchrootImport imported = SchrootImport.read(files, site.trust());
    for (ImportNote finding : imported.findings()) {
      console.notice(finding.toString());
    }
    if (imported.images().isEmpty()) {
      console.notice("nothing to import in " + files.get(0) + (files.size() > 1 ? " ..." : ""));
    }
    return Options.isSet(install) ? write(site, imported.images()) : show(site, imported.images());
  }

  private List<Path> files(List<String> given) throws IOException {
    if (given.isEmpty()) {
      return SchrootImport.installed();
    }
    Path here = Path.of(HostPath.of(site().kernel().getcwd()).toString());
    return given.stream().map(ByteStrings::readable).map(here::resolve).toList();
  }

  private int show(Site site, List<ImportedImage> images) throws IOException {
    String separator = "";
    for (ImportedImage image : images) {
      Path file = site.directories().forNew().resolve("images.d").resolve(image.name() + ".toml");
      console.print(separator + "# " + file + "\n" + image.settings());
      separator = "\n";
    }
    return ExitStatus.OK;
  }

  /** Writes what is new. A name that is taken would make the whole configuration wrong. */
  private int write(Site site, List<ImportedImage> images) throws IOException {
    ImageCatalog catalog = site.catalog();
    int status = ExitStatus.OK;
    List<ImportedImage> free = new ArrayList<>();
    for (ImportedImage image : images) {
      Optional<String> taken = taken(catalog, image);
      if (taken.isPresent()) {
        console.error(
            image.file()
                + ":"
                + image.line()
                + ": ["
                + image.name()
                + "] was not written: "
                + taken.get());
        status = ExitStatus.FAILED;
      } else {
        free.add(image);
      }
    }
    for (ImportedImage image : free) {
      Path file = ImageFile.write(site.directories().forNew(), image.name(), image.settings());
      console.line(file);
    }
    return status;
  }

  private static Optional<String> taken(ImageCatalog catalog, ImportedImage image) {
    for (ImageName name :
        Stream.concat(Stream.of(image.name()), image.aliases().stream()).toList()) {
      Optional<Image> owner = catalog.find(name.value());
      if (owner.isPresent()) {
        return Optional.of(
            name + " is the image " + owner.get().name() + " too: rename one of them");
      }
    }
    return Optional.empty();
  }
}
