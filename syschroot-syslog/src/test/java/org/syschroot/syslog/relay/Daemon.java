// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxSocketCalls;
import org.syschroot.kernel.SocketCalls;
import org.syschroot.path.OsString;

/** A bare native daemon: a datagram socket and a thread that keeps what arrives. */
final class Daemon implements AutoCloseable {
  private static final int LONGEST = 1 << 20;
  private static final SocketCalls SOCKETS = LinuxSocketCalls.running();
  private static final Kernel KERNEL = LinuxKernel.running();

  /** What arrived, and from whom the kernel says that it came. */
  record Message(byte[] bytes, int pid, int uid, int gid) {
    String text() {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }

  private final Path path;
  private final int socket;
  private final int alarm;
  private final Consumer<Message> consumer;
  private final Thread thread;
  private final CountDownLatch reads;
  private volatile boolean isClosing;

  private Daemon(Path path, Consumer<Message> consumer, boolean readsAtOnce) throws IOException {
    this.path = path;
    this.consumer = consumer;
    this.reads = new CountDownLatch(readsAtOnce ? 0 : 1);
    this.socket = SOCKETS.datagramSocket();
    SOCKETS.setOption(socket, SocketCalls.SO_PASSCRED, 1);
    Files.deleteIfExists(path);
    SOCKETS.bind(socket, OsString.of(path.toString()));
    this.alarm = SOCKETS.eventDescriptor();
    this.thread = new Thread(this::run, "native daemon");
    thread.start();
  }

  /** Starts a daemon that hands on what arrives. */
  static Daemon at(Path path, Consumer<Message> consumer) throws IOException {
    return new Daemon(path, consumer, true);
  }

  /** Starts a daemon that does not read until {@link #read()}. */
  static Daemon asleepAt(Path path, Consumer<Message> consumer) throws IOException {
    return new Daemon(path, consumer, false);
  }

  /** Begins to read. */
  void read() {
    reads.countDown();
  }

  private void run() {
    try (EventLoop eventLoop = new EventLoop(KERNEL, SOCKETS, 2);
        ReceiveBuffer receiveBuffer = new ReceiveBuffer(SOCKETS, LONGEST, 16)) {
      reads.await();
      eventLoop.add(alarm, SocketCalls.EPOLLIN, () -> {});
      eventLoop.add(socket, SocketCalls.EPOLLIN, () -> receive(receiveBuffer));
      while (!isClosing) {
        eventLoop.await(-1);
      }
      // What has arrived is kept, as by a daemon that ends in order.
      SOCKETS.shutdownReading(socket);
      while (receive(receiveBuffer)) {
        // until there is no more
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean receive(ReceiveBuffer receiveBuffer) {
    int received = receiveBuffer.receive(socket, 16);
    for (int i = 0; i < received; i++) {
      byte[] bytes = new byte[receiveBuffer.length(i)];
      receiveBuffer.bytes().get(receiveBuffer.start(i), bytes);
      consumer.accept(
          new Message(bytes, receiveBuffer.pid(i), receiveBuffer.uid(i), receiveBuffer.gid(i)));
    }
    receiveBuffer.reuse(Math.max(received, 0));
    return received > 0;
  }

  /** Reads what is there and ends, as after SIGTERM. */
  @Override
  public void close() throws IOException {
    isClosing = true;
    reads.countDown();
    SOCKETS.raiseEvent(alarm);
    try {
      thread.join(Duration.ofSeconds(60).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    KERNEL.close(socket);
    KERNEL.close(alarm);
    Files.deleteIfExists(path);
  }

  /** Keeps messages for a test to look at. */
  static final class Mailbox implements Consumer<Message> {
    private final List<Message> messages = new ArrayList<>();

    @Override
    public synchronized void accept(Message message) {
      messages.add(message);
      notifyAll();
    }

    synchronized int count() {
      return messages.size();
    }

    /** Returns the messages when there are so many, or fails. */
    synchronized List<Message> await(int number) throws InterruptedException {
      long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (messages.size() < number) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new AssertionError(
              messages.size() + " of " + number + " messages: " + texts(messages));
        }
        wait(left);
      }
      return List.copyOf(messages);
    }

    private static List<String> texts(List<Message> messages) {
      return messages.stream().limit(5).map(Message::text).toList();
    }
  }
}
