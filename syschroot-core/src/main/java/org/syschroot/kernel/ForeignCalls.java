// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;

/**
 * Native calls by {@code java.lang.foreign}, on Java 22 and later. Thread-safe.
 *
 * <p>System calls are made by instructions of our own, which return errno. That of libc leaves it
 * in a variable, and whoever asks the linker for that takes memory after the call: in a full heap
 * the descriptor or the child that the call has made would be lost.
 */
final class ForeignCalls extends RawCalls {
  private static final int PROT_READ_EXEC = 5;

  // Constants, so that the compiler sees through them.
  private static final MethodHandle SYSTEM_CALL;
  private static final MethodHandle FUNCTION;
  private static final MethodHandle SEGMENT;
  private static final MethodHandle ADDRESS;
  private static final MethodHandle BUFFER;
  private static final ForeignLinker LINKER;

  static {
    try {
      LINKER = new ForeignLinker();
      FUNCTION = LINKER.ofAnyAddress();
      SEGMENT = LINKER.segmentOfBuffer();
      ADDRESS = LINKER.addressOfSegment();
      BUFFER = LINKER.bufferOfMemory();
      SYSTEM_CALL = LINKER.at(loadCode(new ForeignCalls()));
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

  /** Returns where the instructions are that make a system call; they are never given back. */
  private static long loadCode(ForeignCalls calls) {
    byte[] code = MachineCode.bytes("call", Machine.current());
    long address = calls.map(NativeMemory.PAGE);
    if (address != -1) {
      calls.buffer(address, NativeMemory.PAGE).put(0, code);
      long protect = calls.find("mprotect");
      if (calls.invoke(protect, address, NativeMemory.PAGE, PROT_READ_EXEC, 0, 0, 0) == 0) {
        return address;
      }
    }
    throw new UnsatisfiedLinkError("this system lets no memory of the JVM become executable");
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
    try {
      return (long) SYSTEM_CALL.invokeExact((long) number, a, b, c, d, e);
    } catch (Throwable failure) {
      throw unexpected(failure);
    }
  }

  @Override
  long withoutMemory(SystemCall call, long a, long b, long c, long d) {
    return call(call.number(), a, b, c, d, 0);
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
