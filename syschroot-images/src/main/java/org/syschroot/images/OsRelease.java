// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which distribution a system is (os-release(5)). Immutable. */
record OsRelease(Map<String, String> values) {
  OsRelease {
    values = Map.copyOf(values);
  }

  /** Reads the file of the system beneath a root; empty if there is none. */
  static OsRelease read(Path root) throws IOException {
    for (String place : List.of("etc/os-release", "usr/lib/os-release")) {
      Path file = root.resolve(place);
      if (Files.isRegularFile(file)) {
        return parse(Files.readAllLines(file, StandardCharsets.ISO_8859_1));
      }
    }
    return new OsRelease(Map.of());
  }

  static OsRelease parse(List<String> lines) {
    Map<String, String> values = new HashMap<>();
    for (String line : lines) {
      int equals = line.indexOf('=');
      if (equals > 0 && !line.startsWith("#")) {
        values.put(
            line.substring(0, equals).strip(),
            line.substring(equals + 1).strip().replaceAll("^([\"'])(.*)\\1$", "$2"));
      }
    }
    return new OsRelease(values);
  }

  /** Returns the code name; of a derivative, that of the Ubuntu it takes its base system from. */
  Optional<String> codename() {
    String derived = values.getOrDefault("UBUNTU_CODENAME", "");
    String own = values.getOrDefault("VERSION_CODENAME", "");
    return Optional.of(derived.isEmpty() ? own : derived).filter(name -> !name.isEmpty());
  }

  /** Returns the names of the distribution and of those it is like. */
  Set<String> distributions() {
    Set<String> names = new LinkedHashSet<>();
    for (String key : List.of("ID", "ID_LIKE")) {
      for (String name : values.getOrDefault(key, "").split("\\s+")) {
        if (!name.isEmpty()) {
          names.add(name);
        }
      }
    }
    names.addAll(List.of("debian", "ubuntu"));
    return names;
  }
}
