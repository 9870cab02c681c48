// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.nio.file.Path;
import java.util.List;

/**
 * What an image was made of. Immutable.
 *
 * @param programs the programs, interpreters of scripts among them, by their paths on the host and
 *     in the image; copied
 * @param libraries loaders, libraries and name services, likewise; copied
 * @param bytes the size of all copied files, in bytes
 */
public record HostImageReport(List<Path> programs, List<Path> libraries, long bytes) {
  /** Copies the lists. */
  public HostImageReport {
    programs = List.copyOf(programs);
    libraries = List.copyOf(libraries);
  }
}
