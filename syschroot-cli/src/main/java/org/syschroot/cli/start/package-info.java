// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What makes the command start fast: the rehearsal from which the JVM archives its classes, and
 * what is initialized on a second thread. The start script, {@code syschroot}, has the rest: the
 * flags of the JVM, and where the archive is kept and when it is made anew.
 *
 * <p>Start with {@link org.syschroot.cli.start.ArchiveRehearsal}.
 */
@NullMarked
package org.syschroot.cli.start;

import org.jspecify.annotations.NullMarked;
