// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.describe;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.syschroot.mounting.AddedMountPoint;
import org.syschroot.mounting.RootLayers;
import org.syschroot.mountplan.MountOption;
import org.syschroot.plan.KernelStep;

/** What a root directory is made of, in words. */
final class RootWords {
  private RootWords() {}

  static StepDescription describe(KernelStep.MountRoot step) {
    RootLayers layers = step.layers();
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("root", Shown.value(step.root().value()));
    details.put("type", layers.isOverlay() ? "overlay" : "bind");
    details.put(
        "added", layers.added().stream().map(point -> Shown.value(point.place().value())).toList());
    layers.layer().ifPresent(layer -> details.put("layer", layer.toString()));
    details.put("options", options(layers));
    return new StepDescription(
        "mount-root",
        text(step),
        layers.isOverlay()
            ? List.of("mount", "mkdirat", "mount", "openat")
            : List.of("open_tree", "move_mount"),
        details);
  }

  private static String text(KernelStep.MountRoot step) {
    RootLayers layers = step.layers();
    String options = layers.restrictions().isEmpty() ? "" : " (" + words(layers) + ")";
    if (!layers.isOverlay()) {
      return "mount " + step.root() + " on itself" + options;
    }
    String writes =
        layers
            .layer()
            .map(
                layer ->
                    layer
                        .directory()
                        .map(kept -> " with what is written kept in " + kept)
                        .orElse(" with what is written thrown away at the end"))
            .orElse(" read-only");
    String added =
        layers.added().stream()
            .map(AddedMountPoint::place)
            .map(Object::toString)
            .collect(Collectors.joining(", "));
    return "mount "
        + step.root()
        + " on itself"
        + writes
        + options
        + (added.isEmpty() ? "" : ", with mount points that it lacks: " + added)
        + (layers.underlay().isEmpty() ? "" : " (by binds where overlayfs is refused)");
  }

  private static List<String> options(RootLayers layers) {
    return layers.restrictions().stream().map(MountOption::toString).toList();
  }

  private static String words(RootLayers layers) {
    return String.join(", ", options(layers));
  }
}
