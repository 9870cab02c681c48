// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.syschroot.image.Image;
import org.syschroot.path.OsString;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The choice of images: by name, or all of them. */
public final class ImagesOption {
  private final OptionSpec all = Options.flag("All images of the configuration.", "--all");
  private final PositionalParamSpec names =
      Options.parameters("IMAGE...", "Names or aliases of images.");

  public void declareIn(CommandSpec spec) {
    spec.addOption(all).addPositional(names);
  }

  public boolean isAll() {
    return Options.isSet(all);
  }

  /** Returns the words that choose the same images again, for people to read. */
  public String shownWords() {
    return words().stream().map(Object::toString).collect(Collectors.joining(" "));
  }

  /** Returns the words that choose the same images again, none if none were chosen. */
  public List<OsString> words() {
    List<OsString> words = new ArrayList<>();
    if (isAll()) {
      words.add(OsString.of(all.longestName()));
    }
    Options.texts(names).forEach(name -> words.add(ByteStrings.encode(name)));
    return words;
  }

  /**
   * Returns the images that were chosen, each once and at least one.
   *
   * @throws NoImagesException if all are wanted of a configuration without images
   */
  public List<Image> chooseSome(Subcommand command, Site site) throws IOException {
    return site.some(choose(command, site));
  }

  /** Returns the images that were chosen, each once. */
  public List<Image> choose(Subcommand command, Site site) throws IOException {
    List<String> wanted = Options.texts(names);
    if (isAll() == !wanted.isEmpty()) {
      throw command.wrongUsage("name one or more images, or use --all");
    }
    if (isAll()) {
      return site.images();
    }
    List<Image> images = new ArrayList<>();
    for (String name : wanted) {
      Image image = site.image(ByteStrings.readable(name));
      if (!images.contains(image)) {
        images.add(image);
      }
    }
    return images;
  }
}
