// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.syschroot.text.NearNames;

/**
 * The configured images of a host, by name and alias, with the problems of refused configuration
 * files. A name selects one image or none: where two claim it, or an image and a refused file,
 * {@link #find} has no answer and {@link #problemsWith} has the reason. Immutable and thread-safe.
 *
 * <p>Use {@code Syschroot.catalog()} for that of the configuration; make one for images that are in
 * no file.
 *
 * <pre>{@code
 * ImageCatalog catalog = ImageCatalog.of(List.of(tools));
 * Image found = catalog.find("tools").orElseThrow();
 * Syschroot syschroot = Syschroot.of(catalog);
 * }</pre>
 */
public final class ImageCatalog {
  private final List<Image> images;
  private final List<CatalogProblem> problems;
  private final Map<String, Image> byName = new TreeMap<>();
  private final Map<String, Image> bySubmitCommand = new TreeMap<>();
  private final List<DuplicateNameException> duplicates = new ArrayList<>();

  private ImageCatalog(Collection<Image> images, List<CatalogProblem> known) {
    List<Image> sorted = new ArrayList<>(images);
    if (sorted.size() > 1) {
      sorted.sort((a, b) -> a.name().compareTo(b.name()));
    }
    this.images = Collections.unmodifiableList(sorted);
    enterNames();
    enterCommands();
    List<CatalogProblem> all = new ArrayList<>(known);
    duplicates.forEach(duplicate -> all.add(duplicate.problem()));
    this.problems = Collections.unmodifiableList(all);
    for (CatalogProblem problem : all) {
      byName.keySet().removeAll(problem.names());
      bySubmitCommand.keySet().removeAll(problem.names());
    }
  }

  /**
   * Returns the catalog of images, sorted by name.
   *
   * @throws DuplicateNameException if two images share a name, alias or command that submits
   */
  public static ImageCatalog of(Collection<Image> images) {
    ImageCatalog catalog = new ImageCatalog(images, List.of());
    if (!catalog.duplicates.isEmpty()) {
      throw catalog.duplicates.get(0);
    }
    return catalog;
  }

  /**
   * Returns the catalog of the images that can be used, sorted by name. A name that two of them
   * share, or that a problem names, selects none of them.
   *
   * @param images the images
   * @param problems why others are not among them; copied
   */
  public static ImageCatalog of(Collection<Image> images, List<CatalogProblem> problems) {
    return new ImageCatalog(images, problems);
  }

  private void enterNames() {
    for (Image image : images) {
      enter(image.name(), image);
    }
    for (Image image : images) {
      for (ImageName alias : image.aliases()) {
        enter(alias, image);
      }
    }
  }

  private void enter(ImageName name, Image image) {
    Image other = byName.putIfAbsent(name.value(), image);
    if (other != null) {
      duplicates.add(new DuplicateNameException("aliases", name.value(), image, other));
    }
  }

  private void enterCommands() {
    for (Image image : images) {
      for (String command : image.submit().map(SubmitSettings::commands).orElse(List.of())) {
        Image other = byName.get(command);
        other = other == null ? bySubmitCommand.putIfAbsent(command, image) : other;
        if (other != null) {
          duplicates.add(new DuplicateNameException("submit", command, image, other));
        }
      }
    }
  }

  /** Returns all images that can be used, sorted by name. */
  public List<Image> all() {
    return images;
  }

  /** Returns why images are missing or not found by a name; empty if all is well. */
  public List<CatalogProblem> problems() {
    return problems;
  }

  /** Returns why a name or alias selects no image; empty if nothing but its absence is known. */
  public List<CatalogProblem> problemsWith(String nameOrAlias) {
    return problems.stream().filter(problem -> problem.names().contains(nameOrAlias)).toList();
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

  /** Thrown if two images have the same name. */
  public static final class DuplicateNameException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final String key;
    private final String name;
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
      this.name = name;
      this.second = second;
    }

    /** Returns the image that wanted the name when it was taken. */
    public Image second() {
      return second;
    }

    private CatalogProblem problem() {
      Origin origin = second.origins().getOrDefault(key, second.origins().get("root"));
      String place = origin == null ? second.name().toString() : origin.toString();
      return new CatalogProblem(Set.of(name), place + ": " + getMessage());
    }
  }
}
