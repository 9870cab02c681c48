// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.site;

import org.syschroot.image.Image;
import org.syschroot.mountplan.HostFiles;

/**
 * Extension that adds to a single command, by its user and its words: a scratch directory of the
 * user's project, a licence server's address.
 *
 * <p>A jar names its implementations in {@code META-INF/services/org.syschroot.site
 * .SwitchContributor}. They are asked in the order of their names for each start by {@code
 * syschroot run} or a program that embeds this library, and by {@code explain}. What everybody in
 * the image is to see is for a {@link org.syschroot.image.MountContributor}, which {@code syschroot
 * mount} asks as well; launchers know neither. Implementations only look, and are thread-safe.
 *
 * <p>To implement what depends on who asks; a {@code MountContributor} is for what all see.
 *
 * <pre>{@code
 * public final class LicenceServer implements SwitchContributor {
 *   @Override
 *   public String name() {
 *     return "licences";
 *   }
 *
 *   @Override
 *   public Contribution contribute(Image image, HostFiles host, Requester requester) {
 *     return requester.identity().groups().contains(27)
 *         ? Contribution.NONE.variable("LM_LICENSE_FILE", "27000@licences")
 *         : Contribution.NONE;
 *   }
 * }
 * }</pre>
 */
public interface SwitchContributor {
  /** Returns the name that {@code explain} shows beside the mounts that it adds. */
  String name();

  /**
   * Returns what to add.
   *
   * @param host the files of the host
   */
  Contribution contribute(Image image, HostFiles host, Requester requester);
}
