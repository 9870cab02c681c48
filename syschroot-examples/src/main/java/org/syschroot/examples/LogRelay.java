// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import org.syschroot.image.ImageName;
import org.syschroot.path.HostPath;
import org.syschroot.syslog.relay.RelayedImage;
import org.syschroot.syslog.relay.SyslogRelay;

/**
 * A program that relays {@code /dev/log} of images as long as it runs, and shows how {@link
 * SyslogRelay} is embedded: {@code LogRelay NATIVE-SOCKET NAME=ROOT...}.
 */
public final class LogRelay {
  private LogRelay() {}

  /**
   * Relays until standard input ends.
   *
   * @param arguments the native daemon's socket, then the images
   * @throws IOException if the relay cannot be started
   */
  public static void main(String... arguments) throws IOException {
    run(System.in, System.out, arguments);
  }

  static void run(InputStream in, PrintStream out, String... arguments) throws IOException {
    SyslogRelay.Builder builder =
        SyslogRelay.builder()
            .nativeSocket(HostPath.of(arguments[0]))
            .listener(event -> out.println(event.kind() + ": " + event.message()));
    for (int i = 1; i < arguments.length; i++) {
      String[] image = arguments[i].split("=", 2);
      builder.image(RelayedImage.of(new ImageName(image[0]), HostPath.of(image[1])));
    }
    SyslogRelay relay = builder.build();
    try (relay) {
      relay.start();
      while (in.read() >= 0) {
        // Until whoever started this has had enough.
      }
    }
    relay.counters().forEach(out::println);
  }
}
