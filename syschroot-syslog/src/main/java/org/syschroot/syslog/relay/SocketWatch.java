// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.UntrustedException;

/**
 * Keeps one socket of an image open: makes it, looks whether it is still there, and makes it anew.
 * For one thread, but for {@link #isCheckDue}.
 */
final class SocketWatch {
  /** Makes an inlet of a socket that has its path. */
  interface Opener {
    /** Returns a socket of the right type, without a path. */
    int socket() throws KernelException;

    /** Returns the inlet of a socket that has its path now, already resumed. */
    Inlet open(int socket) throws KernelException;

    /** Closes a socket that has become no inlet. */
    void close(int socket);
  }

  private final ImageFeed feed;
  private final SocketFile file;
  private final Opener opener;
  private final Reporter reporter;
  // Their files are gone, but what was sent to them is still to be read.
  private final List<Inlet> retired = new ArrayList<>();
  private @Nullable Inlet inlet;
  private @Nullable FileStatus made;
  private boolean isInPlace;
  // What another thread looks for; null while there is something to do at each check.
  private volatile @Nullable FileStatus watched;
  private String reason = "";

  SocketWatch(ImageFeed feed, SocketFile file, Opener opener, Reporter reporter) {
    this.feed = feed;
    this.file = file;
    this.opener = opener;
    this.reporter = reporter;
  }

  boolean isServing() {
    return isInPlace;
  }

  /** Returns whether a file is this socket's. */
  boolean isAt(FileStatus file) {
    return made != null && made.sameFileAs(file);
  }

  int connections() {
    return inlet == null ? 0 : inlet.connections();
  }

  /** Makes the socket, or makes it anew if its file is another one or gone. */
  void check() {
    replaceIfOther();
    watched = isInPlace && retired.isEmpty() ? made : null;
  }

  /** Returns whether {@link #check} has something to do. Thread-safe. */
  boolean isCheckDue() {
    FileStatus ours = watched;
    if (ours == null) {
      return true;
    }
    try {
      FileStatus there = file.look();
      return there == null || !there.sameFileAs(ours);
    } catch (IOException e) {
      return true;
    }
  }

  private void replaceIfOther() {
    retired.removeIf(SocketWatch::isReadToItsEnd);
    try {
      if (inlet != null && made != null) {
        FileStatus there = file.look();
        if (there != null && there.sameFileAs(made)) {
          return;
        }
      }
      isInPlace = false;
      Inlet old = inlet;
      open();
      if (old != null) {
        old.shutdown();
        retired.add(old);
      }
    } catch (UntrustedException | NotServableException e) {
      notServing(e.getMessage());
    } catch (IOException e) {
      notServing(file.shown() + " cannot be created: " + e.getMessage());
    }
  }

  private static boolean isReadToItsEnd(Inlet inlet) {
    try {
      if (inlet.read()) {
        return false;
      }
    } catch (KernelException unreadable) {
      // Nothing more can be had from it.
    }
    inlet.close();
    return true;
  }

  private void open() throws IOException {
    int socket = opener.socket();
    boolean isOpen = false;
    try {
      made = file.create(socket);
      inlet = opener.open(socket);
      isOpen = true;
    } finally {
      if (!isOpen) {
        opener.close(socket);
      }
    }
    if (feed.isPaused()) {
      inlet.pause();
    }
    isInPlace = true;
    reason = "";
    reporter.tell(
        RelayEvent.Kind.SERVING, feed.image(), "image " + feed.image() + ": " + file.shown());
  }

  private void notServing(@Nullable String why) {
    String now = why == null ? "unknown" : why;
    if (!now.equals(reason)) {
      reason = now;
      reporter.tell(
          RelayEvent.Kind.NOT_SERVING,
          feed.image(),
          "image " + feed.image() + " is not served: " + now);
    }
  }

  void resume() throws KernelException {
    for (Inlet open : all()) {
      open.resume();
    }
  }

  void pause() throws KernelException {
    for (Inlet open : all()) {
      open.pause();
    }
  }

  private List<Inlet> all() {
    List<Inlet> all = new ArrayList<>(retired);
    if (inlet != null) {
      all.add(inlet);
    }
    return all;
  }

  /** Removes the file and takes nothing more; what was sent can still be read. */
  void shutdown() {
    isInPlace = false;
    if (inlet == null || made == null) {
      return;
    }
    try {
      file.remove(made);
    } catch (IOException e) {
      boolean isGone =
          e instanceof KernelException kernelException && kernelException.is(Errno.ENOENT);
      if (!isGone) {
        notServing(file.shown() + " cannot be removed: " + e.getMessage());
      }
    }
    try {
      inlet.pause();
      inlet.shutdown();
    } catch (KernelException alreadyGone) {
      // Nothing more comes from it.
    }
  }

  boolean readRest() throws KernelException {
    boolean more = false;
    for (Inlet open : all()) {
      more |= open.read();
    }
    return more;
  }

  void close() {
    all().forEach(Inlet::close);
    retired.clear();
    inlet = null;
    isInPlace = false;
  }
}
