// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.finding;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.syschroot.image.Image;
import org.syschroot.image.SharedItem;

/** Lines of an image's configuration file that make it follow the host. Not instantiable. */
final class ProposedSettings {
  private ProposedSettings() {}

  /** Returns the lines that replace those of the same keys; what the image follows stays. */
  static List<String> of(Image image, Collection<SharedItem> items) {
    List<String> lines = new ArrayList<>();
    Set<SharedItem> all = EnumSet.noneOf(SharedItem.class);
    all.addAll(items);
    if (all.remove(SharedItem.ACCOUNTS)) {
      lines.add("accounts = \"merged\"");
    }
    if (!all.isEmpty()) {
      all.addAll(image.consistency().items());
      lines.add(
          all.stream()
              .map(item -> "\"" + item + "\"")
              .collect(Collectors.joining(", ", "consistent = [", "]")));
    }
    return lines;
  }
}
