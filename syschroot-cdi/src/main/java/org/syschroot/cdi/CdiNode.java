// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cdi;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A value of a file, with its place for messages. Immutable. */
final class CdiNode {
  private final String file;
  private final String place;
  private final @Nullable Object value;

  CdiNode(String file, String place, @Nullable Object value) {
    this.file = file;
    this.place = place;
    this.value = value;
  }

  private Map<?, ?> table() {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw refused("is not a table of keys and values");
  }

  private CdiNode child(String step, @Nullable Object child) {
    return new CdiNode(file, place.isEmpty() ? step : place + "." + step, child);
  }

  /** Refuses keys that are none of these. */
  void allowOnly(String... keys) {
    for (Object key : table().keySet()) {
      if (!List.of(keys).contains(key)) {
        throw child(String.valueOf(key), null)
            .refused("is no key of CDI: allowed are " + String.join(", ", keys));
      }
    }
  }

  boolean has(String key) {
    return table().get(key) != null;
  }

  CdiNode required(String key) {
    CdiNode child = child(key, table().get(key));
    if (child.value == null) {
      throw child.refused("is missing");
    }
    return child;
  }

  List<CdiNode> optionalList(String key) {
    return has(key) ? required(key).list() : List.of();
  }

  List<CdiNode> list() {
    if (!(value instanceof List<?> elements)) {
      throw refused("is not a list");
    }
    List<CdiNode> nodes = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      nodes.add(new CdiNode(file, place + "[" + i + "]", elements.get(i)));
    }
    return nodes;
  }

  String text() {
    if (value instanceof String text && !text.isEmpty()) {
      return text;
    }
    throw refused("is not a text");
  }

  String text(Pattern allowed, String what) {
    if (value instanceof String text && allowed.matcher(text).matches()) {
      return text;
    }
    throw refused("is \"" + value + "\": allowed is " + what);
  }

  /** Returns what a text of this value is parsed to. */
  <T> T parsed(String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw refused(e.getMessage());
    }
  }

  IllegalArgumentException refused(@Nullable String why) {
    return new IllegalArgumentException(
        file + ": " + (place.isEmpty() ? "the content" : place) + " " + why);
  }
}
