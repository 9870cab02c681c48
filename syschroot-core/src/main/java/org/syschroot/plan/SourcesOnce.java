// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.util.HashMap;
import java.util.Map;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.path.HostPath;

/**
 * The sources of one plan's mounts, each of which is looked at once: a plan must not take one for
 * there and for missing, and each look takes three system calls. For one plan and one thread.
 */
final class SourcesOnce implements HostFiles {
  private final HostFiles files;
  private final Map<HostPath, Kind> known = new HashMap<>();

  SourcesOnce(HostFiles files) {
    this.files = files;
  }

  @Override
  public Kind kind(HostPath path) {
    return known.computeIfAbsent(path, files::kind);
  }
}
