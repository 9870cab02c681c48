// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.time.Duration;
import java.util.List;
import org.syschroot.path.HostPath;

/** How a relay is to work: what the builder has gathered. Immutable. */
record RelaySettings(
    HostPath nativeSocket,
    List<RelayedImage> images,
    int queueMessages,
    int queueBytes,
    WhenFull whenFull,
    int longestMessage,
    boolean tagged,
    int mostConnections,
    Duration flushTime,
    Duration checkInterval,
    RelayListener listener) {}
