// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.files;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the files of a system are on the native one: beneath its root, and where something is to be
 * mounted, beneath the source of that.
 */
final class MountedPlaces {
  private record Place(String target, Optional<String> source) {}

  private final String root;
  private final List<Place> places = new ArrayList<>();

  /** Creates the places of a system without mounts; the root is an absolute path without links. */
  MountedPlaces(String root) {
    this.root = root.equals("/") ? "" : root;
  }

  /** Adds a mount; one without a source is empty. Later ones hide earlier ones. */
  void add(String target, Optional<String> source) {
    places.add(new Place(target, source.map(path -> path.equals("/") ? "" : path)));
  }

  /** Returns whether a path is on a mount, or is a mount's target. */
  boolean isMounted(String path) {
    return placeOf(path) != null;
  }

  /** Returns whether a directory is made, if it is missing, on the way to a mount's target. */
  boolean isMadeForMount(String path) {
    return !isMounted(path)
        && places.stream().anyMatch(place -> place.target().startsWith(path + "/"));
  }

  /** Returns where a path is, or empty if it is beneath a new, empty file system. */
  Optional<String> hostPath(String path) {
    Place place = placeOf(path);
    if (place == null) {
      String found = root + (path.equals("/") ? "" : path);
      return Optional.of(found.isEmpty() ? "/" : found);
    }
    String rest = place.target().equals("/") ? path : path.substring(place.target().length());
    if (place.source().isEmpty()) {
      return rest.isEmpty() ? Optional.of(root + place.target()) : Optional.empty();
    }
    String found = place.source().get() + rest;
    return Optional.of(found.isEmpty() ? "/" : found);
  }

  private @Nullable Place placeOf(String path) {
    for (int i = places.size() - 1; i >= 0; i--) {
      String target = places.get(i).target();
      if (path.equals(target) || path.startsWith(target.equals("/") ? "/" : target + "/")) {
        return places.get(i);
      }
    }
    return null;
  }
}
