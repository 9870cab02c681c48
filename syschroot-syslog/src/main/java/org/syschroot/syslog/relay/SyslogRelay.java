// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessTable;
import org.syschroot.kernel.LinuxSocketCalls;
import org.syschroot.kernel.ProcessTable;
import org.syschroot.kernel.SocketCalls;
import org.syschroot.path.HostPath;

/**
 * Log relay: forwards messages that processes in images write to {@code /dev/log} to the syslog
 * daemon of the host, byte for byte, in order for each sender, with the sender's credentials.
 *
 * <pre>{@code
 * try (SyslogRelay relay =
 *     SyslogRelay.builder()
 *         .image(RelayedImage.of(image.name(), image.root()))
 *         .listener(event -> log(event.message()))
 *         .build()) {
 *   relay.start();
 *   awaitTermination();
 * }
 * }</pre>
 *
 * <p>One thread serves all images. What the native daemon cannot take waits in a bounded queue; one
 * half of it is divided evenly among the images, the other goes to whoever needs it, so that a
 * flood from one image leaves room for the others. A message that the daemon's socket has taken is
 * the daemon's: if it is killed, what it has not read is lost.
 *
 * <p>Pid, uid and gid of the sender are passed on in {@code SCM_CREDENTIALS}, unix(7), which needs
 * {@link #CAPABILITIES}. The pid is passed on only while it is still that process; when the sender
 * is gone already its uid and gid are passed on with the relay's own pid.
 *
 * <p>Thread-safe.
 */
public final class SyslogRelay implements AutoCloseable {
  /**
   * The capabilities that the process needs as user root: {@code CAP_SYS_ADMIN}, {@code CAP_SETUID}
   * and {@code CAP_SETGID} to pass on pid, uid and gid, unix(7), {@code CAP_DAC_OVERRIDE} for image
   * directories that root cannot write to as their owner. On Linux capabilities belong to threads,
   * so they are dropped before the JVM is started.
   */
  public static final Set<Capability> CAPABILITIES =
      Set.copyOf(
          EnumSet.of(
              Capability.SYS_ADMIN, Capability.SETUID, Capability.SETGID, Capability.DAC_OVERRIDE));

  private final RelaySettings settings;
  private final Kernel kernel;
  private final SocketCalls sockets;
  private @Nullable RelayLoop loop;
  private @Nullable Thread thread;

  SyslogRelay(RelaySettings settings, Kernel kernel, SocketCalls sockets) {
    this.settings = settings;
    this.kernel = kernel;
    this.sockets = sockets;
  }

  /** Returns a builder with the defaults, and without an image. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Makes the sockets in the images and starts to relay. A socket that cannot be made is told to
   * the listener and tried again; so is a native daemon that is away.
   *
   * @throws IOException if the thread's own descriptors or memory cannot be had
   * @throws IllegalStateException if it was started before
   */
  public synchronized void start() throws IOException {
    if (loop != null) {
      throw new IllegalStateException("the relay was already started");
    }
    ProcessTable processes = LinuxProcessTable.open();
    RelayLoop started = RelayAssembly.assemble(settings, kernel, sockets, processes);
    try {
      started.begin();
    } catch (IOException | RuntimeException | Error e) {
      started.close();
      throw e;
    }
    loop = started;
    Thread runner = new Thread(started, "syslog-relay");
    runner.setDaemon(true);
    thread = runner;
    runner.start();
  }

  /** Returns whether it was started and has not ended. */
  public synchronized boolean isRunning() {
    return thread != null && thread.isAlive();
  }

  /**
   * Returns how long ago the thread began its latest turn. It makes one at least every check
   * interval, so a watchdog that sees a multiple of this knows that it hangs.
   */
  public synchronized Duration sinceLastTurn() {
    return loop == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - loop.turnBegan());
  }

  /** Returns the counters of each image, in the order in which the images were given. */
  public synchronized List<RelayCounters> counters() {
    return loop == null ? List.of() : loop.counters();
  }

  /**
   * Removes the sockets from the images, reads what senders have already written, and passes on
   * what is queued, for as long as the flush may take. What is left then is counted as dropped and
   * told to the listener. Closing it again does nothing.
   */
  @Override
  public void close() {
    Thread runner;
    synchronized (this) {
      runner = thread;
      if (loop == null || runner == null || !runner.isAlive()) {
        return;
      }
      loop.stop();
    }
    boolean isInterrupted = false;
    while (runner.isAlive()) {
      try {
        runner.join();
      } catch (InterruptedException e) {
        isInterrupted = true; // the flush has its own end
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Builder of a relay. Not thread-safe. */
  public static final class Builder {
    private final List<RelayedImage> images = new ArrayList<>();
    private HostPath nativeSocket = HostPath.of("/dev/log");
    private int queueMessages = 65_536;
    private int queueBytes = 16 << 20;
    private WhenFull whenFull = WhenFull.BLOCK;
    private int longestMessage = 212_960;
    private boolean tagged;
    private int mostConnections = 1024;
    private Duration flushTime = Duration.ofSeconds(5);
    private Duration checkInterval = Duration.ofSeconds(1);
    private RelayListener listener = RelayListener.NONE;

    private Builder() {}

    /** Sets the socket of the native daemon; the default is {@code /dev/log}. */
    public Builder nativeSocket(HostPath path) {
      nativeSocket = path;
      return this;
    }

    /** Adds an image; at least one is needed. */
    public Builder image(RelayedImage image) {
      images.add(image);
      return this;
    }

    /** Sets how many messages may wait, of all images together; the default is 65536. */
    public Builder queueMessages(int number) {
      queueMessages = positive(number, "the number of queued messages");
      return this;
    }

    /**
     * Sets how much memory waiting messages may take, of all images together; the default is 16
     * MiB. A message takes its length and up to 31 bytes more. The memory is used only when
     * messages wait. An empty queue takes a message of any length.
     */
    public Builder queueBytes(int bytes) {
      queueBytes = positive(bytes, "the number of queued bytes");
      return this;
    }

    /** Sets the behaviour when the queue is full; the default is {@link WhenFull#BLOCK}. */
    public Builder whenFull(WhenFull policy) {
      whenFull = policy;
      return this;
    }

    /**
     * Sets how long a message may be, in bytes; what is longer is cut off there and counted. The
     * default, 212960, is the longest datagram that the kernel allows with its default buffer
     * sizes; the native daemon may cut off more.
     *
     * @throws IllegalArgumentException if it is less than 1024 or more than 1 MiB
     */
    public Builder longestMessage(int bytes) {
      if (bytes < 1024 || bytes > 1 << 20) {
        throw new IllegalArgumentException(
            "the longest message must be 1024 to 1048576 bytes, not " + bytes);
      }
      longestMessage = bytes;
      return this;
    }

    /**
     * Adds the image's name to the tag of each message: {@code sshd[42]: text} becomes {@code
     * sshd/IMAGE[42]: text}, in the way of {@code postfix/smtpd}: for rsyslog the program's name
     * stays {@code sshd}. The default is to change nothing.
     */
    public Builder tagWithImageName(boolean tag) {
      tagged = tag;
      return this;
    }

    /**
     * Sets how many stream connections an image may hold; the default is 1024. When there is one
     * more, the one that has been silent longest is closed, after all that was sent was read.
     */
    public Builder mostConnections(int number) {
      mostConnections = positive(number, "the number of connections");
      return this;
    }

    /** Sets for how long {@link SyslogRelay#close()} tries; the default is 5 seconds. */
    public Builder flushTime(Duration time) {
      flushTime = time;
      return this;
    }

    /**
     * Sets how often it is looked whether the images' sockets and the native daemon's are still the
     * same; the default is one second.
     */
    public Builder checkInterval(Duration interval) {
      if (interval.toMillis() < 1) {
        throw new IllegalArgumentException("the check interval must be at least 1 ms");
      }
      checkInterval = interval;
      return this;
    }

    /** Sets the listener for events of the relay. */
    public Builder listener(RelayListener listener) {
      this.listener = listener;
      return this;
    }

    /**
     * Returns the relay, not yet started.
     *
     * @throws IllegalArgumentException if there is no image, or two have the same name
     */
    public SyslogRelay build() {
      if (images.isEmpty()) {
        throw new IllegalArgumentException("the list of images is empty");
      }
      Set<ImageName> names = new HashSet<>();
      for (RelayedImage image : images) {
        if (!names.add(image.name())) {
          throw new IllegalArgumentException("the image " + image.name() + " is in the list twice");
        }
      }
      return new SyslogRelay(settings(), LinuxKernel.running(), LinuxSocketCalls.running());
    }

    RelaySettings settings() {
      return new RelaySettings(
          nativeSocket,
          List.copyOf(images),
          queueMessages,
          queueBytes,
          whenFull,
          longestMessage,
          tagged,
          mostConnections,
          flushTime,
          checkInterval,
          listener);
    }

    private static int positive(int number, String what) {
      if (number < 1) {
        throw new IllegalArgumentException(what + " must be at least 1, not " + number);
      }
      return number;
    }
  }
}
