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

  private ImageCatalog(List<Image> images, Map<String, Image> byName) {
    this.images = images;
    this.byName = byName;
  }

  /**
   * Returns the catalog of images, sorted by name.
   *
   * @throws DuplicateNameException if two images share a name or alias
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
    return new ImageCatalog(
        Collections.unmodifiableList(sorted), Collections.unmodifiableMap(byName));
  }

  private static void enter(Map<String, Image> byName, ImageName name, Image image) {
    Image other = byName.putIfAbsent(name.value(), image);
    if (other != null) {
      throw new DuplicateNameException(name, image, other);
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

  /** Returns the names and aliases that resemble what was asked for, nearest first. */
  public List<String> near(String wanted) {
    return NearNames.among(byName.keySet(), wanted);
  }

  /** Two images that share a name. */
  public static final class DuplicateNameException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final transient Image second;

    private DuplicateNameException(ImageName name, Image second, Image first) {
      super(
          "\""
              + name
              + "\" already names the image "
              + first.name()
              + " ("
              + first.root()
              + "): every name and alias must be unique");
      this.second = second;
    }

    /** Returns the image that wanted the name when it was taken. */
    public Image second() {
      return second;
    }
  }
}
