// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.tree;

import java.io.IOException;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.TreeWriteCalls;

/** A new, empty file that takes its content, up to a limit. For one thread. */
public final class FileSink {
  private static final long ONE_COPY = 1L << 30;

  private final TreeWriteCalls calls;
  private final int file;
  private final long limit;
  private long written;

  FileSink(TreeWriteCalls calls, int file, long limit) {
    this.calls = calls;
    this.file = file;
    this.limit = limit;
  }

  /** Returns the number of bytes written, holes not counted. */
  long written() {
    return written;
  }

  private void count(long length) throws SourceException {
    written += length;
    if (written > limit) {
      throw new SourceException("no space left on the filesystem, of which 5 % stay free");
    }
  }

  /**
   * Writes some bytes of an array.
   *
   * @throws SourceException if the limit is reached
   * @throws KernelException if they cannot be written
   */
  public void write(byte[] bytes, int offset, int length) throws IOException {
    count(length);
    calls.write(file, bytes, offset, length);
  }

  /**
   * Copies bytes from the position of an open regular file on.
   *
   * @return whether there were as many
   */
  public boolean copy(int from, long length) throws IOException {
    long left = length;
    while (left > 0) {
      long copied = calls.sendfile(file, from, Math.min(left, ONE_COPY));
      if (copied == 0) {
        return false;
      }
      count(copied);
      left -= copied;
    }
    return true;
  }

  /** Goes on writing at an offset; what is passed over is a hole. */
  public void seek(long offset) throws KernelException {
    calls.lseek(file, offset, TreeWriteCalls.SEEK_SET);
  }

  /** Sets the size; what has not been written is a hole. */
  public void setSize(long size) throws KernelException {
    calls.ftruncate(file, size);
  }
}
