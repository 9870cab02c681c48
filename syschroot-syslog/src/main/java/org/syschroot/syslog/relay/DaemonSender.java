// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MessageBatch;
import org.syschroot.kernel.NativeMemory;
import org.syschroot.kernel.SocketCalls;

/**
 * Sends what is queued to the native daemon, a batch of each image in turn. For one thread.
 *
 * <p>A message leaves its queue when the daemon's socket has taken it, not before.
 */
final class DaemonSender implements AutoCloseable {
  private static final int BATCH = 64;
  private static final int ROUNDS = 4;
  private static final long SHORT_OF_MEMORY = 10_000_000L; // nanoseconds
  private static final int REPORT_SIZE = 1024;

  private final SocketCalls sockets;
  private final EventLoop eventLoop;
  private final NativeLink link;
  private final List<ImageFeed> feeds;
  private final SenderNaming naming;
  private final boolean tagged;
  private final MessageBatch batch;
  private final NativeMemory texts;
  private final int[] tagStart;
  private int waitingOn = NativeLink.NONE;
  private boolean isBlocked;
  private long retryAt;
  private int turn;

  DaemonSender(
      SocketCalls sockets,
      EventLoop eventLoop,
      NativeLink link,
      List<ImageFeed> feeds,
      SenderNaming naming,
      boolean tagged)
      throws KernelException {
    this.sockets = sockets;
    this.eventLoop = eventLoop;
    this.link = link;
    this.feeds = feeds;
    this.naming = naming;
    this.tagged = tagged;
    this.batch = new MessageBatch(BATCH);
    this.tagStart = new int[feeds.size() + 1];
    int size = REPORT_SIZE;
    for (ImageFeed feed : feeds) {
      size += feed.image().value().length() + 1;
    }
    this.texts = NativeMemory.map(size);
    writeTags();
  }

  /** {@code /IMAGE} for each image, behind the room for a report. */
  private void writeTags() {
    int at = REPORT_SIZE;
    for (int i = 0; i < feeds.size(); i++) {
      tagStart[i] = at;
      String tag = "/" + feeds.get(i).image();
      for (int c = 0; c < tag.length(); c++) {
        texts.bytes().put(at++, (byte) tag.charAt(c));
      }
    }
    tagStart[feeds.size()] = at;
  }

  /** Returns whether something waits to be sent, reports included. */
  boolean hasWork() {
    // Loops of every turn go without an iterator, which would be garbage.
    for (int i = 0; i < feeds.size(); i++) {
      if (!feeds.get(i).queue().isEmpty() || feeds.get(i).dropReport().isOpen()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns how long nothing can be sent unless a descriptor becomes ready, in nanoseconds; 0 if
   * there is more to send now, {@link Long#MAX_VALUE} if there is nothing.
   */
  long idleNanos(long now) {
    long nextReport = Long.MAX_VALUE;
    boolean isEmpty = true;
    for (int i = 0; i < feeds.size(); i++) {
      isEmpty &= feeds.get(i).queue().isEmpty();
      nextReport = Math.min(nextReport, feeds.get(i).dropReport().nanosUntilDue(now));
    }
    if (isEmpty && nextReport > 0) {
      return nextReport;
    }
    if (link.socket() == NativeLink.NONE) {
      return Math.max(0, link.nextAttempt() - now);
    }
    if (retryAt != 0) {
      return Math.max(0, retryAt - now);
    }
    return isBlocked ? Long.MAX_VALUE : 0;
  }

  /** Sends until nothing is left, the daemon takes no more, or every image had some turns. */
  void send(long now, boolean isLast) throws KernelException {
    if (retryAt != 0 && now - retryAt >= 0) {
      retryAt = 0;
      isBlocked = false;
    }
    if (isBlocked || !hasWork() || !link.connect(now)) {
      return;
    }
    for (int i = 0; i < ROUNDS * feeds.size(); i++) {
      int index = turn;
      turn = (turn + 1) % feeds.size();
      if (!sendSome(index, now, isLast)) {
        // The same image first the next time, or others would be served more often.
        turn = index;
        return;
      }
    }
  }

  /** Returns false if nothing more can be sent now. */
  private boolean sendSome(int index, long now, boolean isLast) throws KernelException {
    ImageFeed feed = feeds.get(index);
    DropReport report = feed.dropReport();
    if (report.nanosUntilDue(now) == 0 || (isLast && report.isOpen())) {
      if (!sendReport(feed, now)) {
        return false;
      }
    }
    if (feed.queue().isEmpty()) {
      return true;
    }
    int count = fill(feed, index);
    int sent = sockets.send(link.socket(), batch, 0, count);
    if (sent <= 0) {
      return recover(-sent, feed);
    }
    noteSent(feed, sent);
    return true;
  }

  private int fill(ImageFeed feed, int index) {
    MessageQueue queue = feed.queue();
    int count = Math.min(BATCH, queue.messages());
    long place = queue.oldest();
    for (int i = 0; i < count; i++) {
      batch.begin(i);
      addPieces(queue, place, i, index);
      naming.name(batch, i, feed, place);
      if (i + 1 < count) {
        place = queue.after(place);
      }
    }
    return count;
  }

  private void addPieces(MessageQueue queue, long place, int i, int index) {
    int length = Math.min(queue.length(place), link.longest());
    int head = tagged ? MessageTag.end(queue.memory(), queue.start(place), length) : -1;
    if (head < 0) {
      batch.addPiece(i, queue.address(place), length);
      return;
    }
    int tag = tagStart[index + 1] - tagStart[index];
    batch.addPiece(i, queue.address(place), head);
    batch.addPiece(i, texts.address() + tagStart[index], tag);
    batch.addPiece(i, queue.address(place) + head, Math.min(length, link.longest() - tag) - head);
  }

  private void noteSent(ImageFeed feed, int sent) {
    MessageQueue queue = feed.queue();
    FeedCounters counters = feed.counters();
    long place = queue.oldest();
    for (int i = 0; i < sent; i++) {
      if (!naming.isNamed(queue.pid(place))) {
        counters.withoutSender++;
      }
      if (queue.length(place) > link.longest()) {
        counters.truncated++;
      }
      if (i + 1 < sent) {
        place = queue.after(place);
      }
    }
    queue.remove(sent);
    counters.forwarded += sent;
  }

  /** Sends how many were dropped; returns false if nothing can be sent now. */
  private boolean sendReport(ImageFeed feed, long now) throws KernelException {
    byte[] text = feed.dropReport().message();
    int length = Math.min(text.length, REPORT_SIZE);
    texts.bytes().put(0, text, 0, length);
    batch.begin(0);
    batch.addPiece(0, texts.address(), length);
    int sent = sockets.send(link.socket(), batch, 0, 1);
    if (sent <= 0) {
      return recover(-sent, null);
    }
    naming
        .reporter()
        .tell(
            RelayEvent.Kind.DROPPED,
            feed.image(),
            "image "
                + feed.image()
                + ": "
                + feed.dropReport().number()
                + " messages dropped, the queue was full");
    feed.dropReport().told(now);
    return true;
  }

  /** Does what can be done about a message that was not sent; returns whether to go on. */
  private boolean recover(int error, @Nullable ImageFeed feed) throws KernelException {
    if (error == Errno.EAGAIN.number()) {
      block();
      return false;
    }
    if (error == Errno.EINTR.number()) {
      return true;
    }
    if (error == Errno.ENOBUFS.number() || error == Errno.ENOMEM.number()) {
      isBlocked = true;
      retryAt = System.nanoTime() + SHORT_OF_MEMORY;
      return false;
    }
    if (feed != null && naming.recover(error, feed)) {
      return true;
    }
    stopWaiting();
    link.lost(new KernelException("sendmmsg", "socket=" + link.socket(), error));
    return link.connect(System.nanoTime());
  }

  private void block() throws KernelException {
    isBlocked = true;
    int socket = link.socket();
    int events = SocketCalls.EPOLLOUT | SocketCalls.EPOLLONESHOT;
    if (waitingOn == socket) {
      eventLoop.modify(socket, events);
    } else {
      eventLoop.add(socket, events, () -> isBlocked = false);
      waitingOn = socket;
    }
  }

  private void stopWaiting() throws KernelException {
    isBlocked = false;
    if (waitingOn != NativeLink.NONE) {
      eventLoop.remove(waitingOn);
      waitingOn = NativeLink.NONE;
    }
  }

  /** Looks whether the native daemon's socket is still the same. */
  void check() throws KernelException {
    int before = link.socket();
    if (before == NativeLink.NONE) {
      return;
    }
    link.check();
    if (link.socket() == NativeLink.NONE) {
      isBlocked = false;
      waitingOn = NativeLink.NONE; // closing it has ended the wait
      eventLoop.forget(before);
      link.connect(System.nanoTime());
    }
  }

  @Override
  public void close() {
    link.close();
    batch.close();
    texts.close();
  }
}
