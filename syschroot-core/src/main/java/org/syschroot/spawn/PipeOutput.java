// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.ProcessCalls;

/**
 * What a child reads. Closed when the child has ended, so that callers who never close it leak no
 * descriptor. Opened by Java at the first write, see {@link PipeInput}. Thread-safe.
 */
final class PipeOutput extends OutputStream {
  private final ProcessCalls calls;
  private final ReentrantLock writing = new ReentrantLock();
  private volatile boolean ended;
  // Guarded by this.
  private int descriptor;
  private @Nullable FileOutputStream pipe;

  /** Creates the stream of a pipe, whose descriptor it will close. */
  PipeOutput(ProcessCalls calls, int descriptor) {
    this.calls = calls;
    this.descriptor = descriptor;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    writing.lock();
    try {
      opened().write(bytes, offset, length);
    } finally {
      writing.unlock();
      if (ended) {
        childEnded();
      }
    }
  }

  private synchronized FileOutputStream opened() throws IOException {
    if (pipe == null) {
      if (descriptor < 0) {
        throw new IOException("Stream closed");
      }
      pipe = open(ChildStreams.link(descriptor));
      closeDescriptor();
    }
    return pipe;
  }

  private FileOutputStream open(File link) throws IOException {
    FileOutputStream opened = null;
    try {
      opened = new FileOutputStream(link);
      return opened;
    } finally {
      if (opened == null) {
        calls.closeOthers(descriptor);
      }
    }
  }

  private void closeDescriptor() throws IOException {
    if (descriptor >= 0) {
      int number = descriptor;
      descriptor = -1;
      calls.close(number);
    }
  }

  @Override
  public void close() throws IOException {
    FileOutputStream opened;
    synchronized (this) {
      opened = pipe;
      closeDescriptor();
    }
    if (opened != null) {
      opened.close();
    }
  }

  /** Called when the child has ended. Never blocks; a writer who is at it closes the pipe then. */
  void childEnded() {
    ended = true;
    if (writing.tryLock()) {
      try {
        close();
      } catch (IOException nothingBuffered) {
        // The child that should have read it is gone.
      } finally {
        writing.unlock();
      }
    }
  }
}
