// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounting;

import org.syschroot.path.ImagePath;

/**
 * A mount point that an image lacks and cannot be given, because its tree is read-only or somebody
 * else's: the command has it in a layer beneath the tree. Immutable.
 *
 * @param place where in the image, without symbolic links on the way
 * @param ofDirectory whether it is a directory, else it is a file
 */
public record AddedMountPoint(ImagePath place, boolean ofDirectory) {}
