// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;

/**
 * Extension that adds mounts to an image on this host, or removes some.
 *
 * <p>Found with {@link java.util.ServiceLoader}: a jar names its implementations in {@code
 * META-INF/services/org.syschroot.image.MountContributor}. Contributors are asked in the order of
 * their names, each with the plan that the ones before it left. They only look: nothing they do may
 * change the host, and the same question must get the same answer. Implementations are thread-safe.
 *
 * <p>Write one if what is to be mounted depends on the host, and cannot be said in a configuration
 * file.
 *
 * <pre>{@code
 * public final class DataMount implements MountContributor {
 *   @Override
 *   public String name() {
 *     return "data";
 *   }
 *
 *   @Override
 *   public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
 *     HostPath data = HostPath.of("/data");
 *     boolean isHere = host.kind(data) == HostFiles.Kind.DIRECTORY;
 *     return isHere ? plan.plus(BindMount.of(data)) : plan;
 *   }
 * }
 * }</pre>
 */
public interface MountContributor {
  /** Returns the name that {@code explain} shows beside what it has added. */
  String name();

  /**
   * Returns the plan for an image on a host, made from {@code plan} with {@link
   * MountPlan#plus(org.syschroot.mountplan.MountStep)} and {@link MountPlan#without}.
   *
   * @param image the image, with the mounts of its configuration
   * @param host the files of the native system
   * @param plan what is to be mounted so far
   * @throws IllegalArgumentException if it cannot be: a step conflicts with another
   */
  MountPlan contribute(Image image, HostFiles host, MountPlan plan);
}
