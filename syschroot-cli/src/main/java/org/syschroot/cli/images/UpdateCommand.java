// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.OwnProcess;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.images.CreateException;
import org.syschroot.images.SourceReport;
import org.syschroot.images.origin.RunnablePlatform;
import org.syschroot.images.source.ImageSource;
import org.syschroot.images.source.SourceSpelling;
import org.syschroot.images.version.Version;
import org.syschroot.images.version.VersionStore;
import org.syschroot.kernel.Kernel;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot update}: makes a new version of an image the current one. */
public final class UpdateCommand extends Subcommand {
  private final PositionalParamSpec name =
      Options.parameter("IMAGE", "The name or alias of the image.");
  private final OptionSpec source =
      Options.value(
          "--from",
          "SOURCE",
          "Where the files come from, as with create: a directory, FILE.tar[.gz|.xz|.zst],"
              + " oci:DIR[:NAME], oci-archive:FILE, docker-archive:FILE or"
              + " docker://HOST/REPOSITORY:TAG.");
  private final OptionSpec architecture =
      Options.value("--arch", "ARCH", "Its architecture, such as i386 (default: the host's).");

  public UpdateCommand(Console console, Kernel kernel) {
    super("update", "Replace an image by a new version of it", console, kernel);
    details(
        "Creates the new tree beside the old one and exchanges them in one step. Commands that run keep the old version, new ones get the new version. Settings and launchers stay.");
    spec().addPositional(name);
    List.of(source, architecture).forEach(spec()::addOption);
  }

  @Override
  protected int run() throws IOException {
    String text = Options.text(source);
    if (text == null) {
      throw wrongUsage("--from SOURCE is missing: name where the new files come from");
    }
    Site site = site();
    Image image = site.image(ByteStrings.readable(Options.required(name)));
    if (image.file().isPresent()) {
      throw new IOException(
          image.name()
              + ": "
              + image.place()
              + " is an image file, which is exchanged by mv(1); update is for directories");
    }
    site.checkRoot(image);
    try {
      SourceSpelling source = new SourceSpelling(ByteStrings.readable(text));
      Interruption.during(() -> update(site, image, source), site.kernel(), console);
      return ExitStatus.OK;
    } catch (IllegalArgumentException e) {
      throw wrongUsage(e);
    } finally {
      console.endProgress();
    }
  }

  private void update(Site site, Image image, SourceSpelling spelling) throws IOException {
    Map<String, String> environment = OwnProcess.variables(site.kernel());
    Optional<String> arch =
        Optional.ofNullable(Options.text(architecture)).map(ByteStrings::readable);
    try (ImageSource opened = spelling.open(arch, environment)) {
      if (opened.config().isPresent()) {
        RunnablePlatform.check(opened.config().get().platform()).ifPresent(console::notice);
      }
      try (VersionStore store =
          VersionStore.open(site.kernel(), image.root(), site.effectiveUid())) {
        VersionSwitch change = new VersionSwitch(console, site, image, store);
        change.renewLaunchers();
        boolean first = store.versions().stream().allMatch(old -> old.digest().isEmpty());
        Version version = add(store, opened, spelling);
        try {
          change.to(version);
        } catch (IOException e) {
          change.removeIfUnused(version);
          throw e;
        }
        console.endProgress();
        console.line(
            "image " + image.name() + ": version " + version.number() + " " + version.digest());
        if (first) {
          console.notice(
              image.name()
                  + ": launchers that \"link --into\" has created must be created again, once;"
                  + " those of the settings are up to date");
        }
      }
    }
  }

  private Version add(VersionStore store, ImageSource opened, SourceSpelling spelling)
      throws IOException {
    try {
      return store.add(
          opened,
          spelling.text(),
          what -> console.progress(spelling.text() + ": " + what),
          this::tell);
    } catch (CreateException e) {
      throw spelling.named(e);
    }
  }

  private void tell(SourceReport report) {
    report.losses().forEach(console::notice);
  }
}
