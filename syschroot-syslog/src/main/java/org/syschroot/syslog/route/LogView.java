// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.route;

import org.syschroot.image.ImageName;

/**
 * What decides where a line from an image goes: {@code /dev/log} in the image and of the native
 * system. Immutable.
 *
 * @param image the image
 * @param inImage {@code /dev/log} as a program in the image sees it
 * @param onHost {@code /dev/log} of the native system
 * @param nativeDev whether the image's {@code /dev} is the native system's own
 */
public record LogView(ImageName image, DevLog inImage, DevLog onHost, boolean nativeDev) {}
