// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Shows a plan instead of carrying it out. Nothing here touches the system.
 *
 * <p>Start with {@link org.syschroot.explain.TextExplanation} for people, {@link
 * org.syschroot.describe.PlanDescription} for programs, or {@link
 * org.syschroot.explain.ShellScript} for a script that does the same.
 */
@NullMarked
package org.syschroot.explain;

import org.jspecify.annotations.NullMarked;
