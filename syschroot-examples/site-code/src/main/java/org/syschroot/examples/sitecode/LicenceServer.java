// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.sitecode;

import java.util.Set;
import org.syschroot.image.Image;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.path.OsString;
import org.syschroot.site.Contribution;
import org.syschroot.site.Requester;
import org.syschroot.site.SwitchContributor;

/**
 * Tells commands of the licence server, where they belong to the group that may use it. What the
 * request itself says of the variable counts. Immutable and thread-safe.
 */
public final class LicenceServer implements SwitchContributor {
  private static final int GROUP = 4200;
  private static final Set<String> PROGRAMS = Set.of("matlab", "idl");

  /** Creates the contributor, for the command that finds it. */
  public LicenceServer() {}

  @Override
  public String name() {
    return "licences";
  }

  @Override
  public Contribution contribute(Image image, HostFiles host, Requester requester) {
    boolean member =
        requester.identity().gid() == GROUP || requester.identity().groups().contains(GROUP);
    boolean needed =
        !requester.command().isEmpty() && PROGRAMS.contains(name(requester.command().get(0)));
    return member && needed
        ? Contribution.NONE.variable("LM_LICENSE_FILE", "27000@licences." + image.name())
        : Contribution.NONE;
  }

  private static String name(OsString program) {
    return program.baseName().toString();
  }
}
