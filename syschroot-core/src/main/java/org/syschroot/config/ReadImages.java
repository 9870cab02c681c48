// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.syschroot.image.CatalogProblem;
import org.syschroot.image.Image;
import org.syschroot.image.Origin;

/** What was read of a directory: images, refusals, and the names that either claims. */
final class ReadImages {
  private final Map<Image, Set<String>> images = new LinkedHashMap<>();
  // By the message: a wrong default concerns several images.
  private final Map<String, Set<String>> refused = new LinkedHashMap<>();

  /** Adds an image with all names that select it, commands that submit included. */
  void add(Image image, Set<String> names) {
    images.put(image, Set.copyOf(names));
  }

  /** Adds a reason why something cannot be used, and the names that select nothing for it. */
  void refuse(String message, Set<String> names) {
    refused.computeIfAbsent(message, first -> new HashSet<>()).addAll(names);
  }

  /** Adds a user's own images, which have no claim to a name that is claimed here. */
  void addBeneath(ReadImages own) {
    Set<String> taken = new HashSet<>();
    images.values().forEach(taken::addAll);
    refused.values().forEach(taken::addAll);
    own.refused.forEach((message, names) -> refuse(message, without(taken, names)));
    own.images.forEach(
        (image, names) -> {
          Set<String> free = without(taken, names);
          if (free.size() == names.size()) {
            add(image, names);
          } else {
            refuse(clash(image, new TreeSet<>(without(free, names))), free);
          }
        });
  }

  private static Set<String> without(Set<String> taken, Set<String> names) {
    Set<String> free = new HashSet<>(names);
    free.removeAll(taken);
    return free;
  }

  private static String clash(Image image, Set<String> taken) {
    Origin origin = image.origins().get("root");
    String place = origin == null ? image.name().toString() : origin.file() + ":1:1";
    return place
        + ": \""
        + String.join("\", \"", taken)
        + "\" is the name of an image in /etc/syschroot: choose another name for yours";
  }

  List<Image> images() {
    return new ArrayList<>(images.keySet());
  }

  List<CatalogProblem> problems() {
    List<CatalogProblem> problems = new ArrayList<>();
    refused.forEach((message, names) -> problems.add(new CatalogProblem(names, message)));
    return problems;
  }
}
