// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mountplan;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * Values by their place in an image: which one is at, above or beneath a path is found in time of
 * the path's length, however many there are. Not thread-safe.
 *
 * @param <T> the type of a value
 */
final class TargetTree<T> {
  private final Node<T> top = new Node<>();

  private static final class Node<T> {
    private final Map<OsString, Node<T>> children = new HashMap<>(2);
    private @Nullable T value;
    private @Nullable T firstHereOrBeneath;
  }

  /** Adds a value, or replaces that of the same place. */
  void put(ImagePath place, T value) {
    Node<T> node = top;
    claim(node, value);
    for (OsString name : place.names()) {
      node = node.children.computeIfAbsent(name, missing -> new Node<>());
      claim(node, value);
    }
    node.value = value;
  }

  private static <T> void claim(Node<T> node, T value) {
    if (node.firstHereOrBeneath == null) {
      node.firstHereOrBeneath = value;
    }
  }

  /** Returns the value at a place. */
  @Nullable T at(ImagePath place) {
    Node<T> node = node(place);
    return node == null ? null : node.value;
  }

  /** Returns the value that was added first at a place or beneath it. */
  @Nullable T firstAtOrBeneath(ImagePath place) {
    Node<T> node = node(place);
    return node == null ? null : node.firstHereOrBeneath;
  }

  /** Returns the value of the longest path that is a place or lies above it. */
  @Nullable T nearestAtOrAbove(ImagePath place) {
    Node<T> node = top;
    T nearest = top.value;
    for (OsString name : place.names()) {
      node = node.children.get(name);
      if (node == null) {
        break;
      }
      nearest = node.value == null ? nearest : node.value;
    }
    return nearest;
  }

  private @Nullable Node<T> node(ImagePath place) {
    Node<T> node = top;
    for (OsString name : place.names()) {
      node = node.children.get(name);
      if (node == null) {
        return null;
      }
    }
    return node;
  }
}
