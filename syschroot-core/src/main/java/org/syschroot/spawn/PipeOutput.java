// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a child reads. Closed when the child has ended, so that callers who never close it leak no
 * descriptor. Thread-safe.
 */
final class PipeOutput extends OutputStream {
  private final OutputStream pipe;
  private final ReentrantLock writing = new ReentrantLock();

  PipeOutput(OutputStream pipe) {
    this.pipe = pipe;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    writing.lock();
    try {
      pipe.write(bytes, offset, length);
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    pipe.close();
  }

  /** Called when the child has ended. Never blocks; a writer that is at it will get an error. */
  void childEnded() {
    if (writing.tryLock()) {
      try {
        pipe.close();
      } catch (IOException nothingBuffered) {
        // The child that should have read it is gone.
      } finally {
        writing.unlock();
      }
    }
  }
}
