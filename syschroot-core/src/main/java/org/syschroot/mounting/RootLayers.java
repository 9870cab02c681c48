// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounting;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.syschroot.mountplan.Layer;
import org.syschroot.mountplan.MountOption;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * What the root directory of a command is made of, in a mount namespace of its own: the image's
 * tree, and beneath it the mount points that it lacks. Immutable.
 *
 * @param source what mount tables show as the source of the root directory, {@code syschroot:NAME}
 * @param added the mount points that are not in the tree
 * @param underlay the directories above these, which are made anew where the kernel refuses
 *     overlayfs; empty where that cannot be done
 * @param layer the layer above the tree that is written to, or empty where nothing is
 * @param restrictions which of {@code nosuid}, {@code nodev} and {@code noexec} hold for it
 */
public record RootLayers(
    OsString source,
    List<AddedMountPoint> added,
    List<UnderlayDirectory> underlay,
    Optional<Layer> layer,
    Set<MountOption> restrictions) {
  /** What the source begins with. */
  public static final String SOURCE = "syschroot:";

  /** Copies the collections. */
  public RootLayers {
    added = List.copyOf(added);
    underlay = List.copyOf(underlay);
    EnumSet<MountOption> copy = EnumSet.noneOf(MountOption.class);
    copy.addAll(restrictions);
    restrictions = Collections.unmodifiableSet(copy);
  }

  /** Returns the layers of the image of a name, none of which is written to. */
  public static RootLayers of(
      String image, List<AddedMountPoint> added, Set<MountOption> restrictions) {
    return of(image, added, Optional.empty(), restrictions);
  }

  /** Returns the layers of the image of a name. */
  public static RootLayers of(
      String image,
      List<AddedMountPoint> added,
      Optional<Layer> layer,
      Set<MountOption> restrictions) {
    return new RootLayers(OsString.of(SOURCE + image), added, List.of(), layer, restrictions);
  }

  /**
   * Returns these with the directories above the added mount points, for kernels that refuse
   * overlayfs. A layer that is written to cannot do without.
   */
  public RootLayers with(List<UnderlayDirectory> directories) {
    return layer.isPresent()
        ? this
        : new RootLayers(source, added, directories, layer, restrictions);
  }

  /**
   * Returns whether more than the tree is in it, so that it takes overlayfs; else the tree is bound
   * on itself.
   */
  public boolean isOverlay() {
    return !added.isEmpty() || layer.isPresent();
  }

  /** Returns what is to be made for the added mount points, directories above them included. */
  public List<AddedMountPoint> skeleton() {
    Map<ImagePath, Boolean> made = new LinkedHashMap<>();
    for (AddedMountPoint point : added) {
      ImagePath above = ImagePath.ROOT;
      List<OsString> names = point.place().names();
      for (OsString name : names.subList(0, names.size() - 1)) {
        above = above.resolve(name);
        made.putIfAbsent(above, true);
      }
      made.put(point.place(), point.ofDirectory() || made.getOrDefault(point.place(), false));
    }
    List<AddedMountPoint> skeleton = new ArrayList<>();
    for (Map.Entry<ImagePath, Boolean> one : made.entrySet()) {
      skeleton.add(new AddedMountPoint(one.getKey(), one.getValue()));
    }
    return skeleton;
  }

  /** Returns what is to be made for the added mount points in the directories made anew. */
  public List<AddedMountPoint> skeletonInUnderlay() {
    Set<ImagePath> there = new HashSet<>();
    underlay.forEach(directory -> there.add(directory.place()));
    return skeleton().stream().filter(point -> !there.contains(point.place())).toList();
  }
}
