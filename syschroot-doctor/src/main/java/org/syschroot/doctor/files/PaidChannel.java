// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/** A file opened for reading, each read of which is paid from a budget. For one thread. */
final class PaidChannel implements SeekableByteChannel {
  private final SeekableByteChannel file;
  private final Budget budget;

  PaidChannel(SeekableByteChannel file, Budget budget) {
    this.file = file;
    this.budget = budget;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    int count = file.read(into);
    budget.payBytes(Math.max(0, count));
    return count;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return file.write(from);
  }

  @Override
  public long position() throws IOException {
    return file.position();
  }

  @Override
  public SeekableByteChannel position(long position) throws IOException {
    file.position(position);
    return this;
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public SeekableByteChannel truncate(long size) throws IOException {
    file.truncate(size);
    return this;
  }

  @Override
  public boolean isOpen() {
    return file.isOpen();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
