// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * A plan compiled to a program of its own, for ordinary users: a static ELF file of a few KiB that
 * walks a table of system calls, and the table is the plan.
 *
 * <p>Start with {@link org.syschroot.launcher.LaunchPlan}, turn it into bytes with {@link
 * org.syschroot.launcher.LaunchCompiler}, write them with {@link
 * org.syschroot.launcher.LauncherWriter}, and read back what a file does with {@link
 * org.syschroot.launcher.LauncherFile}.
 */
@NullMarked
package org.syschroot.launcher;

import org.jspecify.annotations.NullMarked;
