// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.ProcessCalls;

/**
 * What a child writes. When the child has ended, what is in the pipe at that moment is kept in
 * memory and the pipe is closed, so that callers who never close the stream leak no descriptor, and
 * nobody waits for a grandchild that has the other end open.
 *
 * <p>There are two openings of our end. That of Java, made by the first read, may block, and is the
 * one that Java makes room for when virtual threads read. Ours never blocks: somebody else may read
 * the pipe too, so that what is there at one instant need not be there at the next. Thread-safe.
 */
final class PipeInput extends InputStream {
  private static final String OTHERS = "what the other command writes is read by somebody else";
  // Nobody closes it.
  private static final InputStream NOTHING = InputStream.nullInputStream();

  private final ProcessCalls calls;
  private final ReentrantLock reading = new ReentrantLock();
  // How often somebody began to keep the rest, and was done: they have the lock for no time.
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger done = new AtomicInteger();
  private volatile boolean ended;
  // Guarded by this.
  private int descriptor;
  private @Nullable FileInputStream pipe;
  // Guarded by the lock.
  private boolean taken;
  private @Nullable KeptOutput kept;
  private @Nullable InputStream rest;

  /** Creates the stream of a pipe, whose descriptor it will close. */
  PipeInput(ProcessCalls calls, int descriptor) {
    this.calls = calls;
    this.descriptor = descriptor;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    reading.lock();
    try {
      taken = true;
      if (ended) {
        keepRest();
      }
      if (rest != null) {
        return rest.read(bytes, offset, length);
      }
      int count = opened().read(bytes, offset, length);
      if (count < 0) {
        // Nobody has the other end any more, so nothing will follow.
        rest = NOTHING;
        close();
      }
      return count;
    } finally {
      reading.unlock();
      if (ended) {
        childEndedMeanwhile();
      }
    }
  }

  private void childEndedMeanwhile() {
    try {
      var unused = childEnded();
    } catch (OutOfMemoryError later) {
      // What has just been read must not be lost: the next read tries again.
    }
  }

  private synchronized FileInputStream opened() throws IOException {
    if (descriptor < 0) {
      throw new IOException("Stream closed");
    }
    if (pipe == null) {
      pipe = open(ChildStreams.link(descriptor));
    }
    return pipe;
  }

  private FileInputStream open(File link) throws IOException {
    FileInputStream opened = null;
    try {
      opened = new FileInputStream(link);
      return opened;
    } finally {
      if (opened == null) {
        calls.closeOthers(descriptor);
      }
    }
  }

  @Override
  public int available() throws IOException {
    // Never while the descriptor may be closed: its number can be another file's by then.
    if (!lockUnlessRead()) {
      return 0;
    }
    try {
      if (ended) {
        keepRest();
      }
      return rest == null ? inPipe() : rest.available();
    } finally {
      reading.unlock();
    }
  }

  /** Returns whether this has the lock: not if somebody reads, which may take for ever. */
  private boolean lockUnlessRead() {
    int doneBefore = done.get();
    while (!reading.tryLock()) {
      // Equal only if nobody was keeping the rest when the lock was refused.
      if (begun.get() == doneBefore) {
        return false;
      }
      Thread.onSpinWait();
      doneBefore = done.get();
    }
    return true;
  }

  private synchronized int inPipe() throws IOException {
    if (descriptor < 0) {
      throw new IOException("Stream closed");
    }
    return calls.available(descriptor);
  }

  /**
   * Lends what the child writes to another one that is being made: nobody reads it until {@link
   * #endLoan} by the same thread.
   *
   * @return a descriptor, which the caller closes
   * @throws IOException if somebody reads it or has, or it was closed; then nothing is lent
   */
  int lend() throws IOException {
    if (!lockUnlessRead()) {
      throw new IOException(OTHERS);
    }
    boolean lent = false;
    try {
      if (ended) {
        keepRest();
      }
      if (taken) {
        throw new IOException(OTHERS);
      }
      int descriptor = rest == null ? copy() : calls.keep(content());
      lent = true;
      return descriptor;
    } finally {
      if (!lent) {
        endLoan(false);
      }
    }
  }

  private synchronized int copy() throws IOException {
    if (descriptor < 0) {
      throw new IOException("Stream closed");
    }
    return calls.openAgain(descriptor);
  }

  private byte[] content() {
    return kept == null ? new byte[0] : kept.content();
  }

  /** Ends a loan: the other child has it from now on, or nobody has. Takes no memory. */
  void endLoan(boolean given) {
    try {
      if (given) {
        taken = true;
        rest = NOTHING;
        close();
      }
    } catch (IOException closedAnyway) {
      // close(2) gives the descriptor back whatever it returns.
    } finally {
      reading.unlock();
      if (ended) {
        childEndedMeanwhile();
      }
    }
  }

  @Override
  public void close() throws IOException {
    FileInputStream opened;
    synchronized (this) {
      opened = pipe;
      if (descriptor >= 0) {
        int number = descriptor;
        descriptor = -1;
        calls.close(number);
      }
    }
    if (opened != null) {
      opened.close();
    }
  }

  /** Called when the child has ended: no read that begins from now on blocks. Takes no memory. */
  void noteEnd() {
    ended = true;
  }

  /**
   * Called after {@link #noteEnd()}. Never blocks: a reader who is at it does the rest when it
   * returns.
   *
   * @return false if the rest is still in the pipe since there is too little memory for it
   * @throws OutOfMemoryError if there was none; the rest is not lost
   */
  boolean childEnded() {
    begun.incrementAndGet();
    try {
      if (reading.tryLock()) {
        try {
          if (!restFits()) {
            return false;
          }
          keepRest();
        } catch (IOException unreadable) {
          rest = NOTHING;
        } finally {
          reading.unlock();
        }
      }
      return true;
    } finally {
      done.incrementAndGet();
    }
  }

  private boolean restFits() throws IOException {
    if (rest != null) {
      return true;
    }
    KeptOutput output = beginRest();
    return output == null || output.fits();
  }

  /** Returns what is to be kept, or null if the pipe has been closed. */
  private synchronized @Nullable KeptOutput beginRest() throws IOException {
    if (kept == null && descriptor >= 0) {
      calls.setNonBlocking(descriptor);
      kept = new KeptOutput(calls.available(descriptor));
    }
    return kept;
  }

  /** Can be repeated after an error: what has been read is not lost. */
  private void keepRest() throws IOException {
    if (rest != null) {
      return;
    }
    KeptOutput output = beginRest();
    synchronized (this) {
      if (output != null && descriptor >= 0) {
        output.read(calls, descriptor);
      }
    }
    rest = output == null ? NOTHING : output.stream();
    close();
  }
}
