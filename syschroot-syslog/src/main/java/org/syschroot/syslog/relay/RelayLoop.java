// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.SocketCalls;

/**
 * What the relay's thread does: waits for messages, reads a batch of each image that has some,
 * sends what is queued, and looks after the sockets when {@link SocketLook} has found a reason.
 */
final class RelayLoop implements Runnable, AutoCloseable {
  private static final long NANOS_A_MILLI = 1_000_000L;
  private static final int POLL_WHILE_FLUSHING = 10; // milliseconds

  private final RelaySettings settings;
  private final SocketCalls sockets;
  private final Kernel kernel;
  private final Reporter reporter;
  private final EventLoop eventLoop;
  private final DaemonSender daemonSender;
  private final NativeLink link;
  private final List<ImageFeed> feeds;
  private final List<AutoCloseable> resources;
  private final int alarm;
  private final SocketLook look;
  private final Counter turnBegan = new Counter();
  private volatile boolean isStopping;

  RelayLoop(
      RelaySettings settings,
      Kernel kernel,
      SocketCalls sockets,
      Reporter reporter,
      EventLoop eventLoop,
      DaemonSender daemonSender,
      NativeLink link,
      List<ImageFeed> feeds,
      List<AutoCloseable> resources)
      throws KernelException {
    this.settings = settings;
    this.kernel = kernel;
    this.sockets = sockets;
    this.reporter = reporter;
    this.eventLoop = eventLoop;
    this.daemonSender = daemonSender;
    this.link = link;
    this.feeds = feeds;
    this.resources = resources;
    this.alarm = sockets.eventDescriptor();
    this.look = new SocketLook(feeds, link, kernel, sockets, alarm, settings.checkInterval());
    eventLoop.add(alarm, SocketCalls.EPOLLIN, () -> sockets.clearEvent(alarm));
    turnBegan.set(System.nanoTime());
  }

  /** Makes the sockets and tries to connect, before the first turn. */
  void begin() throws IOException {
    checkFeeds();
    link.connect(System.nanoTime());
    feeds.forEach(ImageFeed::publish);
  }

  private void checkFeeds() throws IOException {
    for (ImageFeed feed : feeds) {
      feed.check();
    }
  }

  @Override
  public void run() {
    try {
      look.start();
      serve();
      flush();
    } catch (IOException | RuntimeException | Error e) {
      reporter.tell(RelayEvent.Kind.FAILED, null, "the relay has ended: " + e);
    } finally {
      close();
    }
  }

  private void serve() throws IOException {
    long longest = settings.checkInterval().toNanos();
    while (!isStopping) {
      long now = System.nanoTime();
      eventLoop.await(milliseconds(Math.min(longest, daemonSender.idleNanos(now))));
      now = System.nanoTime();
      turnBegan.set(now);
      if (look.takeDue()) {
        checkFeeds();
        daemonSender.check();
      }
      daemonSender.send(now, false);
      finishTurn();
    }
  }

  /** Without an iterator: a turn that makes garbage has senders wait for its collection. */
  private void finishTurn() throws KernelException {
    for (int i = 0; i < feeds.size(); i++) {
      feeds.get(i).regulate();
      feeds.get(i).publish();
    }
  }

  private static int milliseconds(long nanos) {
    return nanos <= 0
        ? 0
        : (int) Math.min(Integer.MAX_VALUE, (nanos + NANOS_A_MILLI - 1) / NANOS_A_MILLI);
  }

  /** Passes on what senders have sent before the sockets were closed to them. */
  private void flush() throws IOException {
    feeds.forEach(ImageFeed::shutdown);
    long end = System.nanoTime() + settings.flushTime().toNanos();
    while (true) {
      boolean more = false;
      for (ImageFeed feed : feeds) {
        more |= feed.readRest();
      }
      long now = System.nanoTime();
      turnBegan.set(now);
      daemonSender.send(now, true);
      feeds.forEach(ImageFeed::publish);
      if (!more && !daemonSender.hasWork()) {
        return;
      }
      if (now - end >= 0) {
        abandon();
        return;
      }
      long wait = Math.min(end - now, daemonSender.idleNanos(now));
      eventLoop.await(Math.min(POLL_WHILE_FLUSHING, milliseconds(wait)));
    }
  }

  private void abandon() {
    for (ImageFeed feed : feeds) {
      int left = feed.abandon();
      if (left > 0) {
        reporter.tell(
            RelayEvent.Kind.NOT_FLUSHED,
            feed.image(),
            "image "
                + feed.image()
                + ": "
                + left
                + " messages were not sent before the time limit, and are lost");
      }
      feed.publish();
    }
  }

  /** Ends the loop after a flush. Thread-safe. */
  void stop() {
    isStopping = true;
    try {
      sockets.raiseEvent(alarm);
    } catch (KernelException e) {
      // It ends at the next check of the sockets.
    }
  }

  /** Returns when the latest turn began, as {@link System#nanoTime()}. Thread-safe. */
  long turnBegan() {
    return turnBegan.get();
  }

  /** Returns the counters. Thread-safe. */
  List<RelayCounters> counters() {
    List<RelayCounters> all = new ArrayList<>();
    for (ImageFeed feed : feeds) {
      all.add(feed.counters(link.reconnects()));
    }
    return List.copyOf(all);
  }

  /** Gives back descriptors and memory. */
  @Override
  public void close() {
    look.end();
    feeds.forEach(ImageFeed::close);
    daemonSender.close();
    try {
      for (AutoCloseable resource : resources) {
        resource.close();
      }
      kernel.close(alarm);
    } catch (Exception closedAllTheSame) {
      // On Linux a descriptor is gone whatever close(2) says.
    }
    eventLoop.close();
    kernel.endThread();
  }
}
