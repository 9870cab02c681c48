// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The directories where a library is looked for, in the order of ld.so(8). Thread-safe only as far
 * as the tree is.
 *
 * @param configured directories of ld.so.conf
 * @param defaults directories that need no configuration
 */
record LibrarySearchPath(
    SystemTree tree, Architecture architecture, List<String> configured, List<String> defaults) {
  LibrarySearchPath {
    configured = List.copyOf(configured);
    defaults = List.copyOf(defaults);
  }

  /** Tries a path; null means that the search goes on. */
  @FunctionalInterface
  interface Attempt<T> {
    @Nullable T at(String path) throws IOException;
  }

  /** Tries the paths where a name that an object needs can be; null when none of them will do. */
  <T> @Nullable T find(String name, LoadedObject object, Attempt<T> attempt) throws IOException {
    if (name.isEmpty()) {
      return null;
    }
    if (name.indexOf('/') >= 0) {
      return tryAll(object.expand(name, architecture), "", attempt);
    }
    T found = null;
    if (object.elf().runpath().isEmpty()) {
      for (LoadedObject l = object; l != null && found == null; l = l.loader()) {
        // An object with both has no DT_RPATH in the eyes of ld.so.
        if (l.elf().runpath().isEmpty()) {
          found = tryList(l.elf().rpath(), name, l, attempt);
        }
        tree.step();
      }
    } else {
      found = tryList(object.elf().runpath(), name, object, attempt);
    }
    if (found == null && object.elf().noDefaultLibraries()) {
      Set<String> excluded = Set.copyOf(defaults);
      List<String> rest = configured.stream().filter(d -> !excluded.contains(d)).toList();
      return tryAll(rest, "/" + name, attempt);
    }
    if (found == null) {
      found = tryAll(configured, "/" + name, attempt);
    }
    return found != null ? found : tryAll(defaults, "/" + name, attempt);
  }

  private <T> @Nullable T tryList(
      List<String> directories, String name, LoadedObject object, Attempt<T> attempt)
      throws IOException {
    for (String directory : directories) {
      tree.step();
      // Expanded at each use, because a short list can expand to much more than is worth keeping.
      T found = tryAll(object.expand(directory, architecture), "/" + name, attempt);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private <T> @Nullable T tryAll(List<String> starts, String end, Attempt<T> attempt)
      throws IOException {
    for (String start : starts) {
      // A relative path depends on a working directory, which a tree does not have.
      if (start.startsWith("/")) {
        T found = attempt.at(join(start, end));
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  private static String join(String start, String end) {
    return start.endsWith("/") && end.startsWith("/")
        ? start.substring(0, start.length() - 1) + end
        : start + end;
  }
}
