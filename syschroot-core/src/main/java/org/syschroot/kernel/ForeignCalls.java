// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;

/**
 * Native calls by {@code java.lang.foreign}, on Java 22 and later. Thread-safe.
 *
 * <p>What a call leaves in errno is kept in memory of the calling thread.
 */
final class ForeignCalls extends RawCalls {
  // What is in errno until a call has been made, and is none.
  private static final int UNTOUCHED = -1;

  // Constants, so that the compiler sees through them.
  private static final MethodHandle SYSTEM_CALL;
  private static final MethodHandle CALL_WITHOUT_ERRNO;
  private static final MethodHandle FUNCTION;
  private static final MethodHandle SEGMENT;
  private static final MethodHandle ADDRESS;
  private static final MethodHandle BUFFER;
  private static final ForeignLinker LINKER;

  static {
    try {
      LINKER = new ForeignLinker();
      SYSTEM_CALL = LINKER.withErrno("syscall");
      CALL_WITHOUT_ERRNO = LINKER.withoutErrno("syscall");
      FUNCTION = LINKER.ofAnyAddress();
      SEGMENT = LINKER.segmentOfBuffer();
      ADDRESS = LINKER.addressOfSegment();
      BUFFER = LINKER.bufferOfMemory();
    } catch (InvocationTargetException e) {
      UnsatisfiedLinkError failure =
          new UnsatisfiedLinkError(
              "this JVM denies native access: start it with --enable-native-access=ALL-UNNAMED, or"
                  + " =org.syschroot.core if syschroot is on the module path");
      failure.initCause(e.getCause());
      throw failure;
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("java.lang.foreign is not that of Java 22", e);
    }
  }

  private ForeignCalls() {}

  /**
   * Returns the calls.
   *
   * @throws UnsatisfiedLinkError if the JVM may make none
   */
  static RawCalls load() {
    return new ForeignCalls();
  }

  /**
   * Where the calls of a thread leave errno.
   *
   * @param errno four bytes of it
   * @param segment the same, as the linker knows it
   */
  private record CallState(ByteBuffer errno, Object segment) {}

  /** What a thread keeps, made for it or taken over from one that has ended. */
  Object newState() {
    ByteBuffer errno =
        ByteBuffer.allocateDirect(Long.BYTES).order(java.nio.ByteOrder.nativeOrder());
    return new CallState(errno, segment(errno));
  }

  private static Object segment(ByteBuffer buffer) {
    try {
      return (Object) SEGMENT.invokeExact(buffer);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  long call(int number, long a, long b, long c, long d, long e) {
    CallState state = (CallState) ThreadScratch.callState(this);
    try {
      long result = (long) SYSTEM_CALL.invokeExact(state.segment(), (long) number, a, b, c, d, e);
      return result == -1 ? -state.errno().getInt(0) : result;
    } catch (Throwable failure) {
      throw unexpected(failure);
    }
  }

  /** Whoever asks for errno takes memory until the code is compiled; this never does. */
  @Override
  long withoutMemory(SystemCall call, long a, long b, long c, long d) {
    try {
      return (long) CALL_WITHOUT_ERRNO.invokeExact((long) call.number(), a, b, c, d, 0L);
    } catch (Throwable failure) {
      throw unexpected(failure);
    }
  }

  @Override
  long close(int descriptor) {
    CallState state = null;
    try {
      state = (CallState) ThreadScratch.callState(this);
      // The number may be another file's by now if it has been closed: never a second time.
      state.errno().putInt(0, UNTOUCHED);
      return super.close(descriptor);
    } catch (OutOfMemoryError e) {
      if (state == null || state.errno().getInt(0) == UNTOUCHED) {
        withoutMemory(SystemCall.CLOSE, descriptor, 0, 0, 0);
      }
      return 0;
    }
  }

  @Override
  long function(long address, long a, long b, long c, long d, long e, long f) {
    try {
      return (long) FUNCTION.invokeExact(address, a, b, c, d, e, f);
    } catch (Throwable failure) {
      throw unexpected(failure);
    }
  }

  @Override
  long find(String name) {
    return LINKER.find(name);
  }

  @Override
  long addressOf(ByteBuffer buffer) {
    try {
      return (long) ADDRESS.invokeExact(segment(buffer));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  ByteBuffer buffer(long address, int size) {
    try {
      return (ByteBuffer) BUFFER.invokeExact(address, (long) size);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Passes on errors such as that of a full heap; the handles throw nothing else. */
  private static RuntimeException unexpected(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return new IllegalStateException(thrown);
  }
}
