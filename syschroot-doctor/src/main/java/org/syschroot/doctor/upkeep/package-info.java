// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Checks of what an administrator looks after: mounts, launchers, jobs, extensions, the log.
 *
 * <p>Each is given what its caller has found out.
 */
@NullMarked
package org.syschroot.doctor.upkeep;

import org.jspecify.annotations.NullMarked;
