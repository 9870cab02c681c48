// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import picocli.CommandLine.IVersionProvider;

/** Reads the version from the jar. */
public final class ProgramVersion implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = ProgramVersion.class.getPackage().getImplementationVersion();
    return new String[] {"syschroot " + (version == null ? "(not packaged)" : version)};
  }
}
