// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.ImageName;

/** Tells the listener, which can do no harm by throwing. For one thread. */
final class Reporter {
  private final RelayListener listener;
  private final Set<Object> told = new HashSet<>();

  private record Topic(RelayEvent.Kind kind, @Nullable ImageName image) {}

  Reporter(RelayListener listener) {
    this.listener = listener;
  }

  void tell(RelayEvent.Kind kind, @Nullable ImageName image, String message) {
    try {
      listener.happened(new RelayEvent(kind, image, message));
    } catch (RuntimeException ofTheListener) {
      // The messages of all images must not stop for it.
    }
  }

  /** Tells it unless it was told before and not {@link #again} since. */
  void tellOnce(RelayEvent.Kind kind, @Nullable ImageName image, String message) {
    if (told.add(new Topic(kind, image))) {
      tell(kind, image, message);
    }
  }

  /** Lets something be told once more. */
  void again(RelayEvent.Kind kind, @Nullable ImageName image) {
    told.remove(new Topic(kind, image));
  }
}
