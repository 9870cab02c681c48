// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** All images of a host, found by name or alias. Immutable and thread-safe. */
public final class ImageCatalog {
  private final List<Image> images;
  private final Map<String, Image> byName;
  private final Map<String, Image> bySubmitCommand;

  private ImageCatalog(
      List<Image> images, Map<String, Image> byName, Map<String, Image> bySubmitCommand) {
    this.images = images;
    this.byName = byName;
    this.bySubmitCommand = bySubmitCommand;
  }

  /**
   * Returns the catalog of images, sorted by name.
   *
   * @throws DuplicateNameException if two images share a name, alias or command that submits
   */
  public static ImageCatalog of(Collection<Image> images) {
    List<Image> sorted = new ArrayList<>(images);
    if (sorted.size() > 1) {
      sorted.sort((a, b) -> a.name().compareTo(b.name()));
    }
    Map<String, Image> byName = new TreeMap<>();
    for (Image image : sorted) {
      enter(byName, image.name(), image);
    }
    for (Image image : sorted) {
      for (ImageName alias : image.aliases()) {
        enter(byName, alias, image);
      }
    }
    Map<String, Image> byCommand = new TreeMap<>();
    for (Image image : sorted) {
      for (String command : commands(image)) {
        Image other = byName.get(command);
        other = other == null ? byCommand.putIfAbsent(command, image) : other;
        if (other != null) {
          throw new DuplicateNameException("submit", command, image, other);
        }
      }
    }
    return new ImageCatalog(
        Collections.unmodifiableList(sorted),
        Collections.unmodifiableMap(byName),
        Collections.unmodifiableMap(byCommand));
  }

  private static List<String> commands(Image image) {
    return image.submit().map(SubmitSettings::commands).orElse(List.of());
  }

  private static void enter(Map<String, Image> byName, ImageName name, Image image) {
    Image other = byName.putIfAbsent(name.value(), image);
    if (other != null) {
      throw new DuplicateNameException("aliases", name.value(), image, other);
    }
  }

  /** Returns all images, sorted by name. */
  public List<Image> all() {
    return images;
  }

  /** Returns the image of a name or alias. */
  public Optional<Image> find(String nameOrAlias) {
    return Optional.ofNullable(byName.get(nameOrAlias));
  }

  /** Returns the image that a command such as {@code qsub4} submits to. */
  public Optional<Image> submittedToBy(String command) {
    return Optional.ofNullable(bySubmitCommand.get(command));
  }

  /** Returns the names and aliases that resemble what was asked for, nearest first. */
  public List<String> near(String wanted) {
    return NearNames.among(byName.keySet(), wanted);
  }

  /** Two images that share a name. */
  public static final class DuplicateNameException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final String key;
    private final transient Image second;

    private DuplicateNameException(String key, String name, Image second, Image first) {
      super(
          "\""
              + name
              + "\" already names the image "
              + first.name()
              + " ("
              + first.root()
              + "): every name and alias must be unique");
      this.key = key;
      this.second = second;
    }

    /** Returns the key of the setting that wanted the name. */
    public String key() {
      return key;
    }

    /** Returns the image that wanted the name when it was taken. */
    public Image second() {
      return second;
    }
  }
}
