// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.time.Duration;
import java.util.List;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.SocketCalls;

/**
 * Looks now and then whether all sockets are what they were, in a thread of its own: the look takes
 * most of a millisecond, for which messages would wait, and longer where a network filesystem does
 * not answer. What is to be done is left to the relay's thread, which an event wakes.
 */
final class SocketLook implements Runnable {
  private static final long NANOS_A_MILLI = 1_000_000L;

  private final List<ImageFeed> feeds;
  private final NativeLink link;
  private final Kernel kernel;
  private final SocketCalls sockets;
  private final int alarm;
  private final long interval;
  private boolean isEnded;
  private volatile boolean isDue;

  /**
   * Makes it, without a thread.
   *
   * @param alarm the descriptor of the event, which is open until {@link #end}
   */
  SocketLook(
      List<ImageFeed> feeds,
      NativeLink link,
      Kernel kernel,
      SocketCalls sockets,
      int alarm,
      Duration interval) {
    this.feeds = feeds;
    this.link = link;
    this.kernel = kernel;
    this.sockets = sockets;
    this.alarm = alarm;
    this.interval = interval.toNanos();
  }

  void start() {
    Thread thread = new Thread(this, "syslog-relay-look");
    thread.setDaemon(true);
    thread.start();
  }

  /** Returns once whether something was found to be done since the last time. */
  boolean takeDue() {
    if (isDue) {
      isDue = false;
      return true;
    }
    return false;
  }

  /** Ends it; the event is not raised any more. A look that hangs is not waited for. */
  synchronized void end() {
    isEnded = true;
    notifyAll();
  }

  @Override
  public void run() {
    try {
      while (pause()) {
        if (isOtherThanBefore()) {
          wake();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      kernel.endThread();
    }
  }

  private synchronized boolean pause() throws InterruptedException {
    long end = System.nanoTime() + interval;
    for (long left = interval; left > 0 && !isEnded; left = end - System.nanoTime()) {
      wait(left / NANOS_A_MILLI + 1);
    }
    return !isEnded;
  }

  private boolean isOtherThanBefore() {
    try {
      for (ImageFeed feed : feeds) {
        if (feed.isCheckDue()) {
          return true;
        }
      }
      return link.isCheckDue();
    } catch (RuntimeException | Error e) {
      return true; // the relay's thread looks itself, and tells
    }
  }

  private synchronized void wake() {
    if (!isEnded) {
      isDue = true;
      try {
        sockets.raiseEvent(alarm);
      } catch (KernelException e) {
        // It turns once in an interval at least.
      }
    }
  }
}
