// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.jobrunner;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.syschroot.plan.Identity;
import org.syschroot.plan.Limit;

/**
 * What somebody wants to be run. Immutable.
 *
 * @param image the name or an alias of the image
 * @param command the program and its arguments
 * @param directory where in the image
 * @param environment its variables, besides {@code PATH}
 * @param limits what it may use
 * @param timeout after which it is killed, with all that it has started
 * @param identity its user, or empty for the runner's
 */
record Job(
    String image,
    List<String> command,
    String directory,
    Map<String, String> environment,
    Map<Limit, Long> limits,
    Duration timeout,
    Optional<Identity> identity) {
  Job {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    limits = Map.copyOf(limits);
  }
}
