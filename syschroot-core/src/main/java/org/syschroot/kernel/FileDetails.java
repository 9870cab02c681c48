// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

/**
 * What statx(2) says of a file, with what only those need to know who look at many. Immutable.
 *
 * @param status type, permissions, owner and identity
 * @param size bytes; of a symbolic link the length of its text
 */
public record FileDetails(FileStatus status, long size) {}
