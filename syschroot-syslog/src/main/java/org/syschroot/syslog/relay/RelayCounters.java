// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import org.syschroot.image.ImageName;

/**
 * What has become of the messages of an image since the relay was started. Immutable.
 *
 * <p>{@code received = forwarded + queued + dropped} at every turn of the relay. Its own messages
 * about dropped ones are not counted.
 *
 * @param image the image
 * @param received messages read from the image's sockets
 * @param forwarded messages that the native daemon's socket has taken
 * @param queued messages that wait now
 * @param queuedBytes how much of the queue they take
 * @param dropped messages given up: by {@link WhenFull#DROP_OLDEST}, or at the end of the flush
 * @param truncated messages of which the end was cut off; they count as forwarded all the same
 * @param withoutSender messages forwarded with the relay's own pid because their sender's no longer
 *     exists or may not be passed on
 * @param reconnects how often the native daemon's socket was opened anew
 * @param connections stream connections that are open now
 * @param serving sockets of the image that are open now
 */
public record RelayCounters(
    ImageName image,
    long received,
    long forwarded,
    long queued,
    long queuedBytes,
    long dropped,
    long truncated,
    long withoutSender,
    long reconnects,
    long connections,
    long serving) {}
