// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.ProcessTable;
import org.syschroot.kernel.SocketCalls;
import org.syschroot.trust.TrustedPath;

/** Puts a relay together. */
final class RelayAssembly {
  private static final int STREAM_READ = 16 * 1024;
  private static final int UNFINISHED = 4 << 20;
  private static final int READY_AT_A_TIME = 64;

  private final RelaySettings settings;
  private final Kernel kernel;
  private final SocketCalls sockets;
  private final Reporter reporter;
  private final Senders senders;
  private final NativeFile nativeFile;
  private final TrustedPath trust;
  private final StreamBudget budget = new StreamBudget(UNFINISHED);
  private final EventLoop eventLoop;
  private final ReceiveBuffer datagrams;
  private final ReceiveBuffer streams;

  private RelayAssembly(
      RelaySettings settings, Kernel kernel, SocketCalls sockets, ProcessTable processes)
      throws KernelException {
    this.settings = settings;
    this.kernel = kernel;
    this.sockets = sockets;
    this.reporter = new Reporter(settings.listener());
    this.senders = new Senders(processes);
    this.nativeFile = new NativeFile(kernel, settings.nativeSocket());
    this.trust = TrustedPath.forUser(kernel, LinuxProcessCalls.running().effectiveUid());
    this.eventLoop = new EventLoop(kernel, sockets, READY_AT_A_TIME);
    this.datagrams = ReceiveBuffer.timed(sockets, settings.longestMessage(), READY_AT_A_TIME);
    this.streams = new ReceiveBuffer(sockets, STREAM_READ, 1);
  }

  static RelayLoop assemble(
      RelaySettings settings, Kernel kernel, SocketCalls sockets, ProcessTable processes)
      throws KernelException {
    return new RelayAssembly(settings, kernel, sockets, processes).loop();
  }

  private RelayLoop loop() throws KernelException {
    int number = settings.images().size();
    QueueRoom messages = new QueueRoom(settings.queueMessages(), number);
    QueueRoom bytes = new QueueRoom(settings.queueBytes(), number);
    List<ImageFeed> feeds = new ArrayList<>();
    List<SocketWatch> watches = new ArrayList<>();
    for (RelayedImage image : settings.images()) {
      MessageQueue queue =
          new MessageQueue(settings.queueBytes(), settings.longestMessage(), messages, bytes);
      ImageFeed feed = new ImageFeed(image.name(), settings, reporter, queue, senders);
      for (LogSocket socket : image.sockets()) {
        SocketWatch watch = watch(feed, image, socket);
        watches.add(watch);
        feed.add(watch);
      }
      feeds.add(feed);
    }
    NativeLink link =
        new NativeLink(kernel, sockets, reporter, nativeFile, file -> isOneOf(watches, file));
    SenderNaming naming = new SenderNaming(reporter, senders);
    DaemonSender daemonSender =
        new DaemonSender(sockets, eventLoop, link, feeds, naming, settings.tagged());
    return new RelayLoop(
        settings,
        kernel,
        sockets,
        reporter,
        eventLoop,
        daemonSender,
        link,
        List.copyOf(feeds),
        List.of(datagrams, streams, senders));
  }

  private static boolean isOneOf(List<SocketWatch> watches, FileStatus file) {
    return watches.stream().anyMatch(watch -> watch.isAt(file));
  }

  private SocketWatch watch(ImageFeed feed, RelayedImage image, LogSocket socket) {
    SocketFile file = new SocketFile(kernel, sockets, trust, nativeFile, image.root(), socket);
    SocketWatch.Opener opener =
        socket.type() == LogSocket.Type.DATAGRAM ? new Datagrams(feed) : new Streams(feed);
    return new SocketWatch(feed, file, opener, reporter);
  }

  private final class Datagrams extends Opening {
    private final ImageFeed feed;

    Datagrams(ImageFeed feed) {
      this.feed = feed;
    }

    @Override
    public int socket() throws KernelException {
      int socket = passing(SocketCalls.SO_PASSCRED, sockets.datagramSocket());
      return passing(SocketCalls.SO_TIMESTAMPNS, socket);
    }

    @Override
    public Inlet open(int socket) throws KernelException {
      Inlet inlet = new DatagramInlet(kernel, sockets, eventLoop, datagrams, feed, socket);
      inlet.resume();
      return inlet;
    }
  }

  private final class Streams extends Opening {
    private final ImageFeed feed;

    Streams(ImageFeed feed) {
      this.feed = feed;
    }

    @Override
    public int socket() throws KernelException {
      return passing(SocketCalls.SO_PASSCRED, sockets.streamSocket());
    }

    @Override
    public Inlet open(int socket) throws KernelException {
      int most = settings.mostConnections();
      Inlet inlet =
          new StreamInlet(kernel, sockets, eventLoop, streams, feed, budget, most, socket);
      inlet.resume();
      return inlet;
    }
  }

  private abstract class Opening implements SocketWatch.Opener {
    final int passing(int option, int socket) throws KernelException {
      try {
        sockets.setOption(socket, option, 1);
        return socket;
      } catch (KernelException e) {
        close(socket);
        throw e;
      }
    }

    @Override
    public void close(int socket) {
      try {
        kernel.close(socket);
      } catch (KernelException closedAllTheSame) {
        // On Linux the descriptor is gone, and nothing came through it.
      }
    }
  }
}
