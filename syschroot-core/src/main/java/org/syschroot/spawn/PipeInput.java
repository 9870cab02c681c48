// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a child writes. When the child has ended, what is left in the pipe is kept in memory and the
 * descriptor is closed, so that callers who never close the stream leak none. Thread-safe.
 */
final class PipeInput extends InputStream {
  private final InputStream pipe;
  private final ReentrantLock reading = new ReentrantLock();
  private volatile InputStream source;

  PipeInput(InputStream pipe) {
    this.pipe = pipe;
    this.source = pipe;
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
      int count = source.read(bytes, offset, length);
      if (count < 0 && source == pipe) {
        // Nobody has the other end any more, so nothing will follow.
        source = InputStream.nullInputStream();
        pipe.close();
      }
      return count;
    } finally {
      reading.unlock();
    }
  }

  @Override
  public int available() throws IOException {
    // Never while the descriptor may be closed: its number can be another file's by then.
    if (!reading.tryLock()) {
      return 0;
    }
    try {
      return source.available();
    } finally {
      reading.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    pipe.close();
    source.close();
  }

  /**
   * Called when the child has ended. Never blocks: while a reader is at it, it is left to the
   * reader and the closing of the stream; a grandchild may have the other end open.
   */
  void childEnded() {
    if (!reading.tryLock()) {
      return;
    }
    try {
      if (source != pipe) {
        return;
      }
      ByteArrayOutputStream rest = new ByteArrayOutputStream();
      for (int count = pipe.available(); count > 0; count = pipe.available()) {
        rest.write(pipe.readNBytes(count));
      }
      source = new ByteArrayInputStream(rest.toByteArray());
      pipe.close();
    } catch (IOException closedByTheCaller) {
      // Then there is nobody to keep anything for.
    } finally {
      reading.unlock();
    }
  }
}
