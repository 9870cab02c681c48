// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mountplan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.path.ImagePath;

final class TargetTreeTest {
  /** What a look at every entry finds, over random small paths. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void lookups_randomPaths_findWhatALinearSearchFinds(long seed) {
    Random random = new Random(seed);
    TargetTree<ImagePath> tree = new TargetTree<>();
    List<ImagePath> added = new ArrayList<>();
    for (int round = 0; round < 200; round++) {
      ImagePath path = path(random);
      assertThat(tree.at(path)).isEqualTo(added.contains(path) ? path : null);
      assertThat(tree.firstAtOrBeneath(path))
          .isEqualTo(added.stream().filter(p -> p.startsWith(path)).findFirst().orElse(null));
      assertThat(tree.nearestAtOrAbove(path))
          .isEqualTo(
              added.stream()
                  .filter(p -> path.startsWith(p))
                  .reduce((a, b) -> b.startsWith(a) ? b : a)
                  .orElse(null));
      if (!added.contains(path)) {
        tree.put(path, path);
        added.add(path);
      }
    }
  }

  private static ImagePath path(Random random) {
    StringBuilder text = new StringBuilder("/");
    for (int i = random.nextInt(5); i > 0; i--) {
      text.append((char) ('a' + random.nextInt(3))).append('/');
    }
    return ImagePath.of(text.toString());
  }
}
