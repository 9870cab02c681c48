// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.syschroot.image.ImageName;
import org.syschroot.path.HostPath;

/** Images and a native daemon's socket in a folder of a test, and what a relay there has told. */
final class Site {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  final Path directory;
  final Path nativeSocket;
  final List<RelayEvent> events = Collections.synchronizedList(new ArrayList<>());

  Site(Path folder) throws IOException {
    directory = folder.toRealPath();
    nativeSocket = directory.resolve("native");
  }

  /** Makes an image with an empty {@code /dev}. */
  RelayedImage image(String name) throws IOException {
    Files.createDirectories(root(name).resolve("dev"));
    return RelayedImage.of(new ImageName(name), HostPath.of(root(name)));
  }

  Path root(String image) {
    return directory.resolve(image);
  }

  Path devLog(String image) {
    return root(image).resolve("dev/log");
  }

  /** Returns a builder for images of these names, which looks after them often. */
  SyslogRelay.Builder relay(String... images) throws IOException {
    SyslogRelay.Builder builder =
        SyslogRelay.builder()
            .nativeSocket(HostPath.of(nativeSocket))
            .checkInterval(Duration.ofMillis(20))
            .listener(events::add);
    for (String image : images) {
      builder.image(image(image));
    }
    return builder;
  }

  SyslogRelay started(SyslogRelay.Builder builder) throws IOException {
    SyslogRelay relay = builder.build();
    relay.start();
    return relay;
  }

  List<String> told(RelayEvent.Kind kind) {
    synchronized (events) {
      return events.stream().filter(e -> e.kind() == kind).map(RelayEvent::message).toList();
    }
  }

  void awaitEvent(RelayEvent.Kind kind) {
    await(() -> !told(kind).isEmpty(), "event " + kind);
  }

  /** Waits until something is so, or fails. */
  void await(BooleanSupplier condition, String what) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(what + " did not come; events: " + events);
      }
      Thread.onSpinWait();
    }
  }
}
