// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.KernelException;

/** An image's sockets, its queue and its counters. For one thread, but for the counters. */
final class ImageFeed implements AutoCloseable {
  private static final int ROOM_TO_RESUME = 4; // a quarter of the limit

  private final ImageName image;
  private final RelaySettings settings;
  private final Reporter reporter;
  private final MessageQueue queue;
  private final Senders senders;
  private final DropReport dropReport;
  private final List<SocketWatch> sockets = new ArrayList<>();
  private final FeedCounters counters = new FeedCounters();
  private boolean isPaused;
  private boolean isFullTold;

  ImageFeed(
      ImageName image,
      RelaySettings settings,
      Reporter reporter,
      MessageQueue queue,
      Senders senders) {
    this.image = image;
    this.settings = settings;
    this.reporter = reporter;
    this.queue = queue;
    this.senders = senders;
    this.dropReport = new DropReport(image);
  }

  void add(SocketWatch socket) {
    sockets.add(socket);
  }

  ImageName image() {
    return image;
  }

  MessageQueue queue() {
    return queue;
  }

  DropReport dropReport() {
    return dropReport;
  }

  FeedCounters counters() {
    return counters;
  }

  int longestMessage() {
    return settings.longestMessage();
  }

  /** Returns how many messages may be read now, 0 if senders have to wait. */
  int admitted() {
    if (settings.whenFull() == WhenFull.DROP_OLDEST) {
      return Integer.MAX_VALUE;
    }
    long messages = queue.messagesLeft();
    long bytes = queue.bytesLeft();
    if (queue.isEmpty()) {
      return (int) Math.max(1, Math.min(messages, bytes / longestMessage()));
    }
    if (messages == 0 || bytes == 0) {
      return 0;
    }
    // One goes past the limit where there is room for less than the longest.
    return (int) Math.max(1, Math.min(messages, bytes / longestMessage()));
  }

  /**
   * Puts a message into the queue.
   *
   * @param senderStart what {@link #senderStart} says of its sender
   */
  void add(
      ByteBuffer bytes,
      int start,
      int length,
      boolean isTruncated,
      int pid,
      long senderStart,
      int uid,
      int gid) {
    counters.received++;
    if (isTruncated) {
      counters.truncated++;
    }
    if (settings.whenFull() == WhenFull.DROP_OLDEST) {
      makeRoom(length);
    }
    queue.add(bytes, start, length, pid, senderStart, uid, gid);
  }

  /** Returns when the sender was started of a message just received, or {@link Senders#GONE}. */
  long senderStart(int pid, long sentAt) {
    return senders.startOf(pid, sentAt);
  }

  private void makeRoom(int length) {
    while (!queue.isEmpty() && (queue.messagesLeft() == 0 || queue.bytesLeft() < length)) {
      queue.remove(1);
      counters.dropped++;
      dropReport.add(1);
      queueIsFull();
    }
  }

  private void queueIsFull() {
    if (isFullTold) {
      return;
    }
    isFullTold = true;
    reporter.tell(
        RelayEvent.Kind.QUEUE_FULL,
        image,
        "the queue of image "
            + image
            + " is full: "
            + (settings.whenFull() == WhenFull.BLOCK
                ? "its senders wait"
                : "its oldest messages are dropped"));
  }

  /** Lets senders wait if the queue is full, and go on when enough of it is free again. */
  void regulate() throws KernelException {
    if (isPaused) {
      if ((queue.messagesLeft() * ROOM_TO_RESUME >= settings.queueMessages()
              && queue.bytesLeft() * ROOM_TO_RESUME >= settings.queueBytes())
          || queue.isEmpty()) {
        isPaused = false;
        for (SocketWatch socket : sockets) {
          socket.resume();
        }
      }
    } else if (admitted() == 0) {
      isPaused = true;
      queueIsFull();
      for (SocketWatch socket : sockets) {
        socket.pause();
      }
    }
    if (queue.isEmpty()) {
      isFullTold = false;
    }
  }

  boolean isPaused() {
    return isPaused;
  }

  /** Looks after the sockets: those that are not what they were are made anew. */
  void check() throws IOException {
    for (SocketWatch socket : sockets) {
      socket.check();
    }
  }

  /** Returns whether {@link #check} has something to do. Thread-safe. */
  boolean isCheckDue() {
    for (SocketWatch socket : sockets) {
      if (socket.isCheckDue()) {
        return true;
      }
    }
    return false;
  }

  void tooManyConnections(int most) {
    reporter.tellOnce(
        RelayEvent.Kind.TOO_MANY_CONNECTIONS,
        image,
        "image "
            + image
            + " has more than "
            + most
            + " stream connections, or the relay no free file descriptors: the least active are"
            + " closed");
  }

  /** Removes the sockets from the image; what senders have sent can still be read. */
  void shutdown() {
    for (SocketWatch socket : sockets) {
      socket.shutdown();
    }
  }

  /** Reads what senders had sent before {@link #shutdown()}; returns whether there may be more. */
  boolean readRest() throws KernelException {
    boolean more = false;
    for (SocketWatch socket : sockets) {
      more |= socket.readRest();
    }
    return more;
  }

  /** Gives up what is queued. */
  int abandon() {
    int left = queue.messages();
    queue.remove(left);
    counters.dropped += left;
    return left;
  }

  /** Shows the counters as they are now to {@link #counters}. */
  void publish() {
    int connections = 0;
    int serving = 0;
    for (int i = 0; i < sockets.size(); i++) { // without an iterator, which would be garbage
      connections += sockets.get(i).connections();
      serving += sockets.get(i).isServing() ? 1 : 0;
    }
    counters.show(queue, connections, serving);
  }

  /** Returns the counters. Thread-safe. */
  RelayCounters counters(long reconnects) {
    return counters.snapshot(image, reconnects);
  }

  @Override
  public void close() {
    for (SocketWatch socket : sockets) {
      socket.close();
    }
    queue.close();
  }
}
