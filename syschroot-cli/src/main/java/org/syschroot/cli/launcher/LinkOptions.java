// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.launcher;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.image.Launchers;
import org.syschroot.launcher.Launcher;
import org.syschroot.path.HostPath;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The choice of launchers: of one image by directory and names, or those of the configuration. */
public final class LinkOptions {
  private final OptionSpec into =
      Options.value("--into", "DIR", "The directory of the launchers, such as /bin4.");
  private final PositionalParamSpec words;

  LinkOptions(String label, String description) {
    words = Options.parameters(label, description);
  }

  void declareIn(CommandSpec spec) {
    spec.addOption(into).addPositional(words);
  }

  List<String> words() {
    return Options.texts(words);
  }

  /**
   * Returns the image, and which of its launchers are meant: those of the configuration if none.
   */
  Image image(Site site) throws IOException {
    return site.image(ByteStrings.readable(words().get(0)));
  }

  List<Launcher> links(Subcommand command, Site site, Image image) throws IOException {
    @Nullable String directory = Options.text(into);
    List<String> names = words().subList(1, words().size());
    if (directory == null) {
      if (!names.isEmpty()) {
        throw command.wrongUsage("missing option --into DIR: the directory of the launchers");
      }
      return configured(site, image);
    }
    try {
      HostPath place = HostPath.of(ByteStrings.encode(directory));
      return Launcher.of(
          image,
          new Launchers(
              place,
              names.stream().map(ByteStrings::readable).toList(),
              false,
              Launcher.kindFor(image, site.effectiveUid()),
              false));
    } catch (IllegalArgumentException e) {
      throw command.wrongUsage(e);
    }
  }

  boolean isEmpty() {
    return words().isEmpty() && Options.text(into) == null;
  }

  /** Returns the launchers of the configuration. */
  public static List<Launcher> configured(Image image) throws IOException {
    return Launcher.of(image, launchers(image));
  }

  /** Returns the launchers of the configuration, of the kind that this process can write. */
  static List<Launcher> configured(Site site, Image image) throws IOException {
    Launchers launchers = launchers(image);
    return Launcher.of(
        image,
        new Launchers(
            launchers.directory(),
            launchers.names(),
            launchers.withoutMounts(),
            Launcher.kindFor(image, site.effectiveUid()),
            false));
  }

  private static Launchers launchers(Image image) throws IOException {
    return image
        .launchers()
        .orElseThrow(
            () ->
                new IOException(
                    image.name()
                        + ": no [launchers] in its configuration file: add them, or use --into"
                        + " DIR"));
  }
}
