// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.service;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.SocketDiagnosis;
import org.syschroot.path.OsString;

/**
 * Tells systemd how the service is, sd_notify(3): datagrams to the socket that {@code
 * NOTIFY_SOCKET} names, a path or an abstract name. Where nobody asks for it, nothing is told.
 *
 * <p>A notice that cannot be sent is given up, as sd_notify(3) advises: the work goes on, and a
 * systemd that misses the watchdog's will act. Immutable and thread-safe.
 */
public final class ServiceNotice {
  private static final OsString SOCKET = OsString.of("NOTIFY_SOCKET=");
  private static final OsString WATCHDOG_TIME = OsString.of("WATCHDOG_USEC=");
  private static final OsString WATCHDOG_PID = OsString.of("WATCHDOG_PID=");
  private static final long MICROSECOND = 1_000;

  private final Kernel kernel;
  private final SocketDiagnosis sockets;
  private final @Nullable OsString socket;
  private final @Nullable Duration watchdog;

  private ServiceNotice(
      Kernel kernel,
      SocketDiagnosis sockets,
      @Nullable OsString socket,
      @Nullable Duration watchdog) {
    this.kernel = kernel;
    this.sockets = sockets;
    this.socket = socket;
    this.watchdog = watchdog;
  }

  /**
   * Returns the way to tell whoever has set the environment of this process.
   *
   * @param environment its entries, {@code NAME=VALUE}
   * @param pid this process: a watchdog may be meant for another one
   */
  public static ServiceNotice of(
      Kernel kernel, SocketDiagnosis sockets, List<OsString> environment, long pid) {
    OsString socket = value(environment, SOCKET).filter(ServiceNotice::isUnixAddress).orElse(null);
    boolean forUs =
        value(environment, WATCHDOG_PID)
            .map(text -> text.toString().equals(Long.toString(pid)))
            .orElse(true);
    Duration watchdog =
        forUs ? value(environment, WATCHDOG_TIME).map(ServiceNotice::time).orElse(null) : null;
    return new ServiceNotice(kernel, sockets, socket, watchdog);
  }

  private static Optional<OsString> value(List<OsString> environment, OsString name) {
    return environment.stream()
        .filter(entry -> entry.startsWith(name))
        .map(entry -> entry.slice(name.length(), entry.length()))
        .findFirst();
  }

  /** There are vsock addresses too, for virtual machines. */
  private static boolean isUnixAddress(OsString address) {
    return address.length() > 1 && (address.at(0) == '/' || address.at(0) == '@');
  }

  private static @Nullable Duration time(OsString microseconds) {
    String digits = microseconds.toString();
    return digits.matches("[1-9][0-9]{0,14}")
        ? Duration.ofNanos(Long.parseLong(digits) * MICROSECOND)
        : null;
  }

  /** Returns within what time systemd wants to hear that all is well; empty if it does not. */
  public Optional<Duration> watchdog() {
    return Optional.ofNullable(socket == null ? null : watchdog);
  }

  /** Tells that the service does its work, and a line about it. */
  public boolean ready(String status) {
    return send("READY=1\nSTATUS=" + line(status));
  }

  /** Tells a line about how it is. */
  public boolean status(String status) {
    return send("STATUS=" + line(status));
  }

  /** Tells that all is well. */
  public boolean alive() {
    return send("WATCHDOG=1");
  }

  /** Tells that the service is about to end. */
  public boolean stopping(String status) {
    return send("STOPPING=1\nSTATUS=" + line(status));
  }

  private static String line(String text) {
    return text.replace('\n', ' ');
  }

  private boolean send(String text) {
    if (socket == null) {
      return false;
    }
    try {
      int fd = sockets.connect(socket);
      try {
        kernel.write(fd, text.getBytes(StandardCharsets.UTF_8));
      } finally {
        kernel.close(fd);
      }
      return true;
    } catch (KernelException nobodyListens) {
      return false;
    }
  }
}
