// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.util.Optional;
import org.syschroot.path.HostPath;

/**
 * A launcher by which a job can enter its image. Immutable.
 *
 * @param path its place on the native system
 * @param program the name of the program that it runs, such as {@code bash}; empty for the launcher
 *     of the image as a whole
 */
public record BatchLauncher(HostPath path, Optional<String> program) {}
