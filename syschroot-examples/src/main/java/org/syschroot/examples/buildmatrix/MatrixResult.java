// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.buildmatrix;

import java.time.Duration;
import org.syschroot.image.ImageName;

/**
 * What became of the command in one image. Immutable.
 *
 * @param image where it ran
 * @param status its exit status, or 125 to 127 as a shell would give if it did not start
 * @param time how long it ran
 * @param note why there is no exit status of its own, for people to read, else empty
 * @param system the image it ran in, as it describes itself
 */
record MatrixResult(
    ImageName image, int status, Duration time, String note, SystemDescription system) {
  boolean succeeded() {
    return status == 0 && note.isEmpty();
  }
}
