// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import java.io.IOException;
import java.nio.file.Path;
import org.syschroot.cli.frame.Console;
import org.syschroot.images.CreateException;
import org.syschroot.images.NewImage;
import org.syschroot.images.SourceImage;
import org.syschroot.images.SourceReport;
import org.syschroot.images.making.Making;
import org.syschroot.images.origin.ConfigSettings;
import org.syschroot.images.source.ImageSource;
import org.syschroot.images.source.SourceSpelling;

/** {@code create --from}: unpacks a source, and tells what of it could not be kept. */
final class SourceCreation {
  private static final double MB = 1e6;

  private final Console console;
  private final SourceSpelling spelling;

  SourceCreation(Console console, SourceSpelling spelling) {
    this.console = console;
    this.spelling = spelling;
  }

  /** Makes the tree and the settings, and returns the file of these. */
  Path make(NewImage image, ImageSource source, Making making) throws IOException {
    SourceReport report;
    try {
      report = SourceImage.create(image.root(), source, this::progress);
    } catch (CreateException e) {
      throw spelling.named(e);
    }
    String digest = source.digest().map(text -> " (" + text + ")").orElse("");
    NewImage completed = image.withOrigin(spelling.text() + digest);
    if (source.config().isPresent()) {
      ConfigSettings settings =
          ConfigSettings.of(completed, source.config().get(), completed.root());
      completed = settings.image();
      if (!settings.untaken().isEmpty()) {
        console.notice(
            "no settings for this of the image: " + String.join("; ", settings.untaken()));
      }
    }
    Path file = making.finish(completed);
    report.losses().forEach(console::notice);
    console.detail(
        String.format(
            "%d files with %.1f MB from %s%s",
            report.files(), report.bytes() / MB, spelling.text(), digest));
    return file;
  }

  private void progress(String what) {
    console.progress(spelling.text() + ": " + what);
  }
}
