// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.nio.ByteBuffer;

/** The real calls in a heap that is full when a test says so. For one thread. */
final class FullHeapCalls extends RawCalls {
  private final RawCalls real = RawCalls.running();
  private boolean full;
  private boolean forgets;

  /** From now on there is no memory for a call that takes some. */
  void fill() {
    full = true;
  }

  /** There is no memory on the way back from the next call of a function. */
  void forgetNextResult() {
    forgets = true;
  }

  @Override
  long call(int number, long a, long b, long c, long d, long e) {
    if (full) {
      throw new OutOfMemoryError("injected");
    }
    return real.call(number, a, b, c, d, e);
  }

  @Override
  long withoutMemory(SystemCall call, long a, long b, long c, long d) {
    return real.withoutMemory(call, a, b, c, d);
  }

  @Override
  long close(int descriptor) {
    return real.close(descriptor);
  }

  @Override
  long function(long address, long a, long b, long c, long d, long e, long f) {
    long result = real.function(address, a, b, c, d, e, f);
    if (forgets) {
      forgets = false;
      throw new OutOfMemoryError("injected");
    }
    return result;
  }

  @Override
  long find(String name) {
    return real.find(name);
  }

  @Override
  long addressOf(ByteBuffer buffer) {
    return real.addressOf(buffer);
  }

  @Override
  ByteBuffer buffer(long address, int size) {
    return real.buffer(address, size);
  }
}
