// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream in a thread of its own, so that decompressing and writing go on at once. For one
 * reading thread.
 */
public final class ReadAhead extends InputStream {
  private static final int CHUNK = 256 * 1024;
  private static final int CHUNKS = 16;
  private static final byte[] END = new byte[0];

  /** A part of the stream; at its end with what ended it. */
  private record Chunk(byte[] bytes, int length, @Nullable Throwable failure) {}

  private final InputStream in;
  private final BlockingQueue<Chunk> full = new ArrayBlockingQueue<>(CHUNKS);
  private final BlockingQueue<byte[]> idle = new ArrayBlockingQueue<>(CHUNKS);
  private final Thread thread;
  private Chunk current = new Chunk(END, 0, null);
  private int position;
  private boolean ended;

  /**
   * Starts reading.
   *
   * @param in what to read; closed by {@link #close()}
   */
  public ReadAhead(InputStream in) {
    this.in = in;
    this.thread = new Thread(this::fill, "read-ahead");
    thread.setDaemon(true);
    thread.start();
  }

  private void fill() {
    try {
      int length;
      do {
        byte[] bytes = idle.poll();
        bytes = bytes == null ? new byte[CHUNK] : bytes;
        length = in.readNBytes(bytes, 0, CHUNK);
        if (length > 0) {
          full.put(new Chunk(bytes, length, null));
        }
      } while (length == CHUNK);
      full.put(new Chunk(END, 0, null));
    } catch (InterruptedException closed) {
      // Nobody reads any more.
    } catch (IOException | RuntimeException | Error e) {
      tell(e);
    }
  }

  private void tell(Throwable failure) {
    try {
      full.put(new Chunk(END, 0, failure));
    } catch (InterruptedException closed) {
      // Nobody reads any more.
    }
  }

  /** Returns whether there is a byte to read. */
  private boolean advance() throws IOException {
    while (position == current.length) {
      if (ended) {
        return false;
      }
      if (current.length > 0) {
        idle.offer(current.bytes);
      }
      try {
        current = full.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      }
      position = 0;
      ended = current.length == 0;
      if (current.failure instanceof IOException failure) {
        throw Compression.explain(failure);
      }
      if (current.failure != null) {
        throw new IOException(current.failure);
      }
    }
    return true;
  }

  @Override
  public int read() throws IOException {
    return advance() ? current.bytes[position++] & 0xff : -1;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!advance()) {
      return -1;
    }
    int count = Math.min(length, current.length - position);
    System.arraycopy(current.bytes, position, bytes, offset, count);
    position += count;
    return count;
  }

  @Override
  public long skip(long count) throws IOException {
    if (count <= 0 || !advance()) {
      return 0;
    }
    int skipped = (int) Math.min(count, current.length - position);
    position += skipped;
    return skipped;
  }

  @Override
  public void close() throws IOException {
    ended = true;
    position = current.length;
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    in.close();
  }
}
